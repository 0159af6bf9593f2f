/** Letters that are not taken apart into a plain letter and its accent. */
const FOLDED: Record<string, string> = { ł: 'l', đ: 'd', ø: 'o', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i', ħ: 'h', þ: 'th', ð: 'd' }

/** Text as it is compared: without accents, without capitals. */
export function fold(text: string): string {
  const plain = text.normalize('NFD').replace(/\p{M}+/gu, '').toLowerCase()
  return plain.replace(/[^\x00-\x7F]/g, (letter) => FOLDED[letter] ?? letter)
}

const wordsOf = (text: string) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean)

/** Whether the letters come in this order, each a continuation or the start of a word: `wh` in "Weekend hikes". */
function abbreviates(letters: string, words: string[]): boolean {
  if (letters === '') return true
  return words.some((word, at) => {
    for (let length = Math.min(word.length, letters.length); length > 0; length -= 1) {
      if (word.startsWith(letters.slice(0, length)) && abbreviates(letters.slice(length), words.slice(at + 1))) return true
    }
    return false
  })
}

/** How one word of a search is found: 0 where the text begins, then where a word does, within one, as an abbreviation. */
function rankOfWord(wanted: string, text: string): number | undefined {
  if (text.startsWith(wanted)) return 0
  const words = wordsOf(text)
  if (words.some((word) => word.startsWith(wanted))) return 1
  if (text.includes(wanted)) return 2
  return wanted.length > 1 && abbreviates(wanted, words) ? 3 : undefined
}

/** How well one of the texts matches what is searched for, 0 best; undefined when none has all its words. */
export function rank(search: string, texts: string[]): number | undefined {
  const wanted = fold(search).split(/\s+/).filter(Boolean)
  const ranks = texts.map(fold).flatMap((text) => {
    const found = wanted.map((word) => rankOfWord(word, text))
    return found.includes(undefined) ? [] : [Math.max(0, ...(found as number[]))]
  })
  return ranks.length > 0 ? Math.min(...ranks) : undefined
}

/** Those that match, the best first; what matches alike stays in its order. */
export function matching<T>(search: string, all: T[], textsOf: (item: T) => string[]): T[] {
  return all
    .map((item) => ({ item, rank: rank(search, textsOf(item)) }))
    .filter(({ rank: found }) => found !== undefined)
    .sort((a, b) => a.rank! - b.rank!)
    .map(({ item }) => item)
}
