import { notifications as en, system as enSystem } from '@/i18n/en.json'
import type { Language } from '@/i18n/languages'
import { notifications as ro, system as roSystem } from '@/i18n/ro.json'

/** What the server pushes. Without words the person wants texts hidden. */
export interface Pushed {
  conversation: string | null
  seq: number | null
  thread: number | null
  at: number
  words: Words | null
}

interface Words {
  kind: 'mention' | 'reply' | 'reaction' | 'added' | 'role' | 'ban_lifted' | 'announcement' | 'report_handled' | 'webhook_failed' | null
  actor: string | null
  group: string | null
  role: 'member' | 'moderator' | 'owner' | null
  reactions: string[]
  text: string | null
}

export interface Shown {
  title: string
  body: string
  /** Of what has the same tag, the latest stands there. */
  tag: string
  /** Where a click leads. */
  path: string
}

const TEXTS = { en: { ...en, system: enSystem }, ro: { ...ro, system: roSystem } }

/** How a push is shown, in a language. */
export function shownAs(pushed: Pushed, language: Language): Shown {
  const place = { tag: pushed.conversation ?? 'parlor', path: pathOf(pushed) }
  const { words } = pushed
  if (!words) return { ...place, title: TEXTS[language].hidden, body: '' }
  return { ...place, title: sentence(words, language, pushed.conversation !== null), body: words.text ?? '' }
}

function sentence(words: Words, language: Language, inGroup: boolean): string {
  const texts = TEXTS[language]
  const name = words.actor ?? ''
  if (!words.kind) return words.group ? fill(texts.in, { name, group: words.group }) : name || texts.hidden
  const role = texts.system[`as_${words.role ?? 'member'}`]
  if (words.kind === 'ban_lifted' && inGroup) return texts.group_ban_lifted
  return fill(texts[words.kind], { name, group: words.group ?? '', role, emoji: words.reactions.join(' ') })
}

function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
}

function pathOf({ conversation, seq, thread }: Pushed): string {
  if (!conversation) return '/c'
  if (thread) return `/c/${conversation}/t/${thread}`
  return seq ? `/c/${conversation}/m/${seq}` : `/c/${conversation}`
}

/** Reads what was pushed; whatever cannot be read says only that there is something. */
export function read(text: string | undefined): Pushed {
  try {
    return JSON.parse(text ?? '') as Pushed
  } catch {
    return { conversation: null, seq: null, thread: null, at: Date.now(), words: null }
  }
}
