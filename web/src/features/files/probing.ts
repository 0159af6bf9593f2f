import type { MediaFacts } from './media'
import { recalled } from './media'

/** What a browser finds out about a film or a sound by playing it. */
export interface Probed {
  facts: MediaFacts
  /** A picture of the film. */
  poster?: Blob
}

/** Whoever uploads does not wait longer for a browser that cannot make up its mind. */
const WITHIN_MS = 8_000
const MOST_PIXELS = 1_280
/** A poster may have a megabyte. */
const MOST_BYTES = 1 << 20
/** What has less light than this, of 255, is black. */
const DARK = 16

/** Looks at a film or a sound; nothing is known of what the browser cannot play. */
export async function probe(source: Blob): Promise<Probed> {
  const facts = recalled(source)
  if (facts) return { facts }
  if (!/^(video|audio)\//.test(source.type)) return { facts: {} }
  const address = URL.createObjectURL(source)
  const player = document.createElement(source.type.startsWith('video/') ? 'video' : 'audio')
  const found: Probed = { facts: {} }
  const overdue = new AbortController()
  const timer = setTimeout(() => overdue.abort(), WITHIN_MS)
  try {
    Object.assign(player, { muted: true, preload: 'auto', src: address })
    await until(player, 'loadedmetadata', overdue.signal)
    if (player instanceof HTMLVideoElement && player.videoWidth > 0) Object.assign(found.facts, { width: player.videoWidth, height: player.videoHeight })
    const seconds = await durationOf(player, overdue.signal)
    if (Number.isFinite(seconds)) found.facts.durationMs = seconds * 1_000
    if (player instanceof HTMLVideoElement && player.videoWidth > 0) found.poster = await posterOf(player, seconds, overdue.signal)
  } catch {
    // What was found until then is told.
  } finally {
    clearTimeout(timer)
    player.removeAttribute('src')
    player.load()
    URL.revokeObjectURL(address)
  }
  return found
}

function until(player: HTMLMediaElement, event: string, overdue: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    overdue.throwIfAborted()
    player.addEventListener(event, () => resolve(), { once: true })
    player.addEventListener('error', () => reject(new Error('it cannot be played')), { once: true })
    overdue.addEventListener('abort', () => reject(new Error('it takes too long')), { once: true })
  })
}

/** What a browser recorded does not say how long it is: its end is looked for. */
async function durationOf(player: HTMLMediaElement, overdue: AbortSignal): Promise<number> {
  if (player.duration !== Infinity) return player.duration
  const changed = until(player, 'durationchange', overdue)
  player.currentTime = 1e9
  await changed
  return player.duration
}

/** The first of some moments that is not black; the first one if all are. */
async function posterOf(video: HTMLVideoElement, seconds: number, overdue: AbortSignal): Promise<Blob | undefined> {
  const whole = Number.isFinite(seconds) ? seconds : 0
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return undefined
  const factor = Math.min(1, MOST_PIXELS / Math.max(video.videoWidth, video.videoHeight))
  canvas.width = Math.max(1, Math.round(video.videoWidth * factor))
  canvas.height = Math.max(1, Math.round(video.videoHeight * factor))
  let first: Blob | undefined
  for (const at of [Math.min(1, whole / 10), whole / 4, whole / 2]) {
    const sought = until(video, 'seeked', overdue)
    video.currentTime = at
    await sought
    context.drawImage(video, 0, 0, canvas.width, canvas.height)
    const isBlack = brightness(context.getImageData(0, 0, canvas.width, canvas.height).data) < DARK
    if (first && isBlack) continue
    const drawn = await encoded(canvas)
    if (!isBlack) return drawn
    first = drawn
  }
  return first
}

/** How bright a picture is on average, looked at here and there. */
function brightness(pixels: Uint8ClampedArray): number {
  const step = 4 * Math.max(1, Math.floor(pixels.length / 4 / 5_000))
  let [sum, count] = [0, 0]
  for (let at = 0; at + 2 < pixels.length; at += step) {
    sum += (pixels[at]! + pixels[at + 1]! + pixels[at + 2]!) / 3
    count += 1
  }
  return count > 0 ? sum / count : 0
}

/** As WebP, or as JPEG where a browser does not write that. */
async function encoded(canvas: HTMLCanvasElement): Promise<Blob | undefined> {
  const as = (type: string) => new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 0.8))
  const webp = await as('image/webp')
  const made = webp?.type === 'image/webp' ? webp : await as('image/jpeg')
  return made && made.size <= MOST_BYTES ? made : undefined
}
