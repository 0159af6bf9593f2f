import { toBase64 } from './waveform'

/** What is told of a film or a sound, so that its place is known before it comes. */
export interface MediaFacts {
  width?: number
  height?: number
  durationMs?: number
  waveform?: Uint8Array
}

/** What the server takes; what is beyond is not told. */
const MOST_PIXELS = 16_384
const LONGEST_MS = 7 * 24 * 3_600_000
const MOST_PARTS = 100

/** The facts by the names that the API has for them, as far as it takes them. */
export function told({ width, height, durationMs, waveform }: MediaFacts): Record<string, string> {
  const fits = (pixels?: number): pixels is number => pixels !== undefined && pixels >= 1 && pixels <= MOST_PIXELS
  const facts: Record<string, string> = {}
  if (fits(width) && fits(height)) Object.assign(facts, { width: `${width}`, height: `${height}` })
  if (durationMs !== undefined && durationMs >= 0 && durationMs <= LONGEST_MS) facts.duration_ms = `${Math.round(durationMs)}`
  if (waveform && waveform.length >= 1 && waveform.length <= MOST_PARTS) facts.waveform = toBase64(waveform)
  return facts
}

/** What is known of sounds that the page itself recorded, which no player need look at. */
const known = new WeakMap<Blob, MediaFacts>()
export const remember = (source: Blob, facts: MediaFacts) => void known.set(source, facts)
export const recalled = (source: Blob) => known.get(source)
