/** The blocks of letters that are written from right to left, with the numbers and signs among them. */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFE\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u

/** Embeddings, overrides and isolates. One that is never closed would reach beyond the name. */
const DIRECTIONS = /[\u202A-\u202E\u2066-\u2069]/g

/** A break would end the paragraph, and with it what keeps the name apart. */
const CONTROLS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g

const FIRST_STRONG_ISOLATE = '\u2068'
const POP_ISOLATE = '\u2069'

/** Something that people wrote, in one line and without what would turn around what stands beside it. */
export const plain = (text: string) => text.replace(DIRECTIONS, '').replace(CONTROLS, ' ')

/**
 * Something that people wrote, to be put into a sentence: whatever its direction, it leaves the
 * words around it where they are. It is for text and attributes alike; a name that stands alone has
 * an element with `dir="auto"` instead. Most names need no marks, which would be copied with them.
 */
export function isolate(text: string): string {
  const line = plain(text)
  return RIGHT_TO_LEFT.test(line) ? FIRST_STRONG_ISOLATE + line + POP_ISOLATE : line
}
