import type { Conversation } from '@/api/types'
import { isSilent } from '@/features/notifications/attention'

export type SectionName = 'unread' | 'favourites' | 'groups' | 'direct'

export interface Section {
  name: SectionName
  conversations: Conversation[]
}

const ORDER: SectionName[] = ['unread', 'favourites', 'groups', 'direct']

/** Where a conversation stands. The one that is open stays where it belongs, read or not. */
function sectionOf(c: Conversation, current: string): SectionName {
  if (c.unread > 0 && !isSilent(c) && c.id !== current) return 'unread'
  if (c.preferences.favourite) return 'favourites'
  return c.group ? 'groups' : 'direct'
}

/** The conversations by section, each in the order they came in; sections without any are left out. */
export function sectionsOf(conversations: Conversation[], current: string): Section[] {
  const all = ORDER.map((name) => ({ name, conversations: conversations.filter((c) => sectionOf(c, current) === name) }))
  return all.filter((section) => section.conversations.length > 0)
}
