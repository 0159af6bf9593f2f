/** Backgrounds on which white text has a contrast of at least 5 to 1. */
const COLOURS = [
  '#0b6b60', '#8a3b12', '#5b3fa8', '#1f5fa8', '#9c2758',
  '#3f6212', '#7a4a00', '#0e6383', '#6b2fa0', '#a0322b',
]

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

const SHOWABLE = /[\p{L}\p{N}\p{Extended_Pictographic}]/u

/** Of "(1)" it is the number: brackets and quotes say nothing about whom it is. */
function firstLetter(word: string): string {
  for (const { segment } of graphemes.segment(word)) if (SHOWABLE.test(segment)) return segment.toLocaleUpperCase()
  return ''
}

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => SHOWABLE.test(word))
  const first = words[0]
  if (!first) return '?'
  const last = words.length > 1 ? words.at(-1)! : ''
  return firstLetter(first) + firstLetter(last)
}

/** The same colour for the same key, always. */
export function avatarColour(key: string): string {
  let hash = 0
  for (const char of key) hash = (Math.imul(hash, 31) + char.codePointAt(0)!) >>> 0
  return COLOURS[hash % COLOURS.length]!
}
