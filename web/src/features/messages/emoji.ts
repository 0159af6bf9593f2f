import data from 'emoji-picker-element-data/en/cldr/data.json'
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
  .map(({ emoji, annotation, tags, group }) => ({
    emoji: plain(emoji),
    name: annotation,
    group,
    words: [annotation, ...(tags ?? [])].join(' ').toLowerCase(),
  }))

/** Everything in its order, what is often used first. */
export function grouped(): EmojiGroup[] {
  const frequent = FREQUENT.flatMap((emoji) => all.filter((e) => e.emoji === emoji))
  const groups = GROUPS.map((key, group) => ({ key, emoji: all.filter((e) => e.group === group) }))
  return [{ key: 'frequent', emoji: frequent }, ...groups.filter(({ key }) => key !== '')]
}

/** Those that have all the words in their name or among their tags. */
export function search(text: string): Emoji[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return all.filter((e) => words.every((word) => e.words.includes(word)))
}
