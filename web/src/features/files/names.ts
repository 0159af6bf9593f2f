import { plain } from '@/i18n/isolate'

/** The most bytes of a name that the server takes. */
const MOST_BYTES = 4_096

/** What is longer is no extension, but part of the name. */
const LONGEST_EXTENSION = 10

/** How files of some types end, for those whose name has no ending. */
const BY_TYPE: Record<string, string> = { 'application/pdf': 'pdf', 'application/zip': 'zip', 'application/json': 'json', 'text/plain': 'txt', 'text/csv': 'csv' }

/** So much of what stands before the extension often tells two names apart. */
const KEPT_AT_END = 4

/** `.pdf` of `report.pdf`; nothing of a name that has none. */
function extensionOf(name: string): string {
  const found = /[^.](\.[^.\s]+)$/u.exec(name)?.[1] ?? ''
  return [...found].length > LONGEST_EXTENSION ? '' : found
}

/** What stands behind the last dot, in small letters: what the server tells by whether it takes a file. */
export const endingOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1 || name.length).toLowerCase()

/** A name in one line. A long one is shortened in its middle, so that what kind of file it is stays there. */
export function shortened(name: string, most = 40): string {
  const line = plain(name)
  const characters = [...line]
  if (characters.length <= most) return line
  const kept = Math.max(most - 1, 2)
  const end = Math.min([...extensionOf(line)].length + Math.floor(kept / 4), kept - 1)
  return `${characters.slice(0, kept - end).join('')}…${characters.slice(characters.length - end).join('')}`
}

/** What kind of file it is in a word, as most people know it: `PDF`. Empty when neither its name nor its type tells. */
export function typeOf(name: string, mediaType: string): string {
  const extension = extensionOf(plain(name)).slice(1)
  // The number of a version is no kind.
  return (/\p{L}/u.test(extension) ? extension : (BY_TYPE[mediaType] ?? '')).toUpperCase()
}

/** A name in two, of which the second one stays where there is no room for both. */
export function halvesOf(name: string): { start: string; end: string } {
  const characters = [...plain(name)]
  const end = Math.min([...extensionOf(characters.join(''))].length + KEPT_AT_END, Math.floor(characters.length / 2))
  return { start: characters.slice(0, characters.length - end).join(''), end: characters.slice(characters.length - end).join('') }
}

/** A name as the server takes it: not empty, and shortened before its extension when it is too long. */
export function fitting(name: string): string {
  const encoder = new TextEncoder()
  // What is no text in itself, as half of a pair of units, is replaced by the encoder.
  const whole = new TextDecoder().decode(encoder.encode(name)) || 'file'
  if (encoder.encode(whole).length <= MOST_BYTES) return whole
  const extension = extensionOf(whole)
  let left = MOST_BYTES - encoder.encode(extension).length
  let start = ''
  for (const character of whole) {
    left -= encoder.encode(character).length
    if (left < 0) break
    start += character
  }
  return start + extension
}
