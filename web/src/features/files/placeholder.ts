import { thumbHashToRGBA } from 'thumbhash'

/** What a ThumbHash in base64 looks like; undefined for what is none. */
export function decode(base64: string): { width: number; height: number; pixels: Uint8ClampedArray<ArrayBuffer> } | undefined {
  try {
    const { w, h, rgba } = thumbHashToRGBA(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))
    if (!(w > 0 && h > 0)) return undefined
    return { width: w, height: h, pixels: Uint8ClampedArray.from(rgba) }
  } catch {
    return undefined
  }
}
