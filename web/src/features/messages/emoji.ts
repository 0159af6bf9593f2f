import data from 'emoji-picker-element-data/en/iamcal/data.json'
import { FREQUENT } from './reactions'

export interface Emoji {
  emoji: string
  name: string
}

export interface EmojiGroup {
  key: string
  emoji: Emoji[]
}

/** By the numbers of Unicode's groups; the second are parts of others. */
const GROUPS = ['smileys', 'people', '', 'animals', 'food', 'travel', 'activities', 'objects', 'symbols', 'flags']

/** Of Unicode's versions of emoji, the latest that the fonts of most people have. */
const VERSION = 15

/** What is an emoji anyway needs no sign that it is one; with and without would be two reactions. */
const plain = (emoji: string) => emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1')

const all = data
  .filter(({ version }) => version <= VERSION)
  .map(({ emoji, annotation, tags, group, shortcodes }) => ({
    emoji: plain(emoji),
    name: annotation,
    group,
    // Some have no short name of their own, and every one is found by its whole name.
    codes: [...new Set([...(shortcodes ?? []), annotation.toLowerCase().replace(/[^a-z0-9]+/g, '_')])],
    words: [annotation, ...(tags ?? [])].join(' ').toLowerCase(),
  }))

/** Everything in its order, what is often used first. */
export function grouped(): EmojiGroup[] {
  const frequent = FREQUENT.flatMap((emoji) => all.filter((e) => e.emoji === emoji))
  const groups = GROUPS.map((key, group) => ({ key, emoji: all.filter((e) => e.group === group) }))
  return [{ key: 'frequent', emoji: frequent }, ...groups.filter(({ key }) => key !== '')]
}

/** Those that have all the words in their name or among their tags; first what has just that name, or begins so. */
export function search(text: string): Emoji[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const name = words.join(' ')
  const rank = (e: Emoji) => (e.name === name ? 0 : e.name.startsWith(name) ? 1 : 2)
  return all.filter((e) => words.every((word) => e.words.includes(word))).sort((a, b) => rank(a) - rank(b))
}

const codes = new Map(all.flatMap((e) => e.codes.map((code) => [code, e.emoji])))

/** The emoji with this short name. */
export function byCode(code: string): string | undefined {
  return codes.get(code.toLowerCase())
}

/** Emoji with a short name that has what was typed in it: first those that begin so, the shorter first. */
export function named(typed: string, most: number): { emoji: string; code: string }[] {
  const wanted = typed.toLowerCase()
  const found = all.flatMap(({ emoji, codes: own }) => {
    const code = own.find((one) => one.startsWith(wanted)) ?? own.find((one) => one.includes(wanted))
    return code ? [{ emoji, code, rank: code.startsWith(wanted) ? 0 : 1 }] : []
  })
  return found.sort((a, b) => a.rank - b.rank || a.code.length - b.code.length).slice(0, most)
}
