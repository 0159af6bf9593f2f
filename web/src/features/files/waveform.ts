/** So many bars fit beside each other on a phone, and are enough to see where somebody speaks. */
export const PARTS = 64

/**
 * How loud a sound is in each of some equal parts, from silence at 0 to 255 where it is loudest. What is
 * quiet all the way through is not made to look loud.
 */
export function waveformOf(samples: Float32Array, parts = PARTS): Uint8Array<ArrayBuffer> {
  const count = Math.max(1, Math.min(parts, samples.length))
  const loudness = Array.from({ length: count }, (_, part) => {
    const [from, to] = [part, part + 1].map((at) => Math.floor((at * samples.length) / count))
    return rootMeanSquare(samples.subarray(from, to))
  })
  const loudest = Math.max(QUIET, ...loudness)
  return Uint8Array.from(loudness, (one) => Math.round((255 * one) / loudest))
}

/** What is not louder than this is the hiss of a microphone. */
const QUIET = 0.01

/** How loud samples are together; of none, not at all. */
export function rootMeanSquare(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return samples.length > 0 ? Math.sqrt(sum / samples.length) : 0
}

export const toBase64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))

/** The bytes that these letters stand for; undefined for what stands for none. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    return bytes.length > 0 ? bytes : undefined
  } catch {
    return undefined
  }
}
