/** What is longer than either is shown folded. */
const MOST_CHARACTERS = 1_500
const MOST_LINES = 24

/** What is shown of it then: less than the most by so much that unfolding is worth the press. */
const SHOWN_CHARACTERS = 700
const SHOWN_LINES = 12

/** A word that is longer than this may be cut in its middle. */
const LONGEST_WORD = 80

/** The beginning of a text that is too long to be shown at once; undefined for any other. */
export function beginning(text: string): string | undefined {
  // A string has at least as many units as characters, so that most texts need no counting.
  const isLong = text.length > MOST_CHARACTERS && [...text].length > MOST_CHARACTERS
  const lines = text.split('\n')
  if (!isLong && lines.length <= MOST_LINES) return undefined
  const start = lines.slice(0, SHOWN_LINES).join('\n')
  return `${cut(start).trimEnd()}…`
}

/** At most the characters shown, up to the end of a word. */
function cut(text: string): string {
  const characters = [...text]
  if (characters.length <= SHOWN_CHARACTERS) return text
  const shown = characters.slice(0, SHOWN_CHARACTERS).join('')
  const gap = shown.search(/\s\S*$/)
  return shown.length - gap > LONGEST_WORD ? shown : shown.slice(0, gap)
}

/** A text by its first line that has anything in it, without the signs that only format it. */
export function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^[\s>#]+|\*\*|~~|`+/g, '').trim())
  return lines.find((line) => line !== '') ?? ''
}
