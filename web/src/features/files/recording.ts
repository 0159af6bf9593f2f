import type { MediaFacts } from './media'
import { remember } from './media'
import { rootMeanSquare, waveformOf } from './waveform'

/** Longer than this nobody listens. */
export const LONGEST_MS = 10 * 60_000

/** What a browser records in, and how such files are called; what comes first is taken if it can. */
const FORMATS: [type: string, ending: string][] = [
  ['audio/webm;codecs=opus', 'webm'],
  ['audio/mp4', 'mp4'],
  ['audio/ogg;codecs=opus', 'ogg'],
]
/** So much is enough for a voice. */
const BITS_PER_SECOND = 32_000
/** How the waveform is looked at: a voice has nothing above half of it. */
const SAMPLES_PER_SECOND = 8_000

const format = () => FORMATS.find(([type]) => MediaRecorder.isTypeSupported(type))

/** Whether this browser can record a voice at all. */
export const canRecord = () => typeof MediaRecorder !== 'undefined' && !!navigator.mediaDevices && format() !== undefined

/** Why there is no recording. */
export type RecordingProblem = 'denied' | 'no_microphone' | 'failed'

/** Why a browser does not let one record. */
export function problemOf(thrown: unknown): RecordingProblem {
  const name = thrown instanceof DOMException ? thrown.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  return name === 'NotFoundError' ? 'no_microphone' : 'failed'
}

/** "voice-2026-11-22-0815.webm": when it was, in the time of the one who speaks. */
export function nameOf(at: Date, ending: string): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-')
  return `voice-${day}-${two(at.getHours())}${two(at.getMinutes())}.${ending}`
}

/** A microphone that is being listened to. */
export class Recording {
  private readonly parts: Blob[] = []
  private readonly recorder: MediaRecorder
  private readonly context = new AudioContext()
  private readonly analyser: AnalyserNode
  private readonly ended: Promise<void>
  private readonly begun = new Date()
  private readonly from = performance.now()

  private constructor(
    private readonly stream: MediaStream,
    type: string,
    private readonly ending: string,
  ) {
    this.recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND })
    this.recorder.ondataavailable = ({ data }) => void this.parts.push(data)
    this.ended = new Promise((resolve) => (this.recorder.onstop = () => resolve()))
    this.analyser = this.context.createAnalyser()
    this.context.createMediaStreamSource(stream).connect(this.analyser)
    // Some browsers begin only when they are told to.
    void this.context.resume()
    // A part each second, so that little is lost when the microphone goes away.
    this.recorder.start(1_000)
  }

  /** Asks for the microphone, and listens to it. */
  static async begin(): Promise<Recording> {
    const [type, ending] = format()!
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    try {
      return new Recording(stream, type, ending)
    } catch (thrown) {
      for (const track of stream.getTracks()) track.stop()
      throw thrown
    }
  }

  /** How long it goes on already. */
  get elapsedMs(): number {
    return performance.now() - this.from
  }

  /** How loud it is at the moment, of 1. */
  get level(): number {
    const samples = new Float32Array(this.analyser.fftSize)
    this.analyser.getFloatTimeDomainData(samples)
    return Math.min(1, rootMeanSquare(samples) * 4)
  }

  /** Somebody pulled the microphone out. */
  whenLost(lost: () => void): void {
    for (const track of this.stream.getTracks()) track.addEventListener('ended', lost, { once: true })
  }

  /** Ends it; what was said, as a file of which all is known. */
  async stop(): Promise<File> {
    const elapsedMs = this.elapsedMs
    if (this.recorder.state !== 'inactive') this.recorder.stop()
    this.release()
    await this.ended
    const type = this.recorder.mimeType || this.parts[0]?.type || ''
    const file = new File(this.parts, nameOf(this.begun, this.ending), { type })
    remember(file, await factsOf(file, elapsedMs))
    return file
  }

  /** Ends it; nothing stays of it. */
  discard(): void {
    if (this.recorder.state !== 'inactive') this.recorder.stop()
    this.release()
  }

  private release(): void {
    for (const track of this.stream.getTracks()) track.stop()
    void this.context.close()
  }
}

/** How long it is and how loud. Of what cannot be read, the watch tells how long it was. */
async function factsOf(file: Blob, elapsedMs: number): Promise<MediaFacts> {
  try {
    const context = new OfflineAudioContext(1, 1, SAMPLES_PER_SECOND)
    const sound = await context.decodeAudioData(await file.arrayBuffer())
    return { durationMs: sound.duration * 1_000, waveform: waveformOf(sound.getChannelData(0)) }
  } catch {
    return { durationMs: elapsedMs, waveform: new Uint8Array(1) }
  }
}
