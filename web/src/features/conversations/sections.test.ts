import { expect, test } from 'vitest'
import type { Conversation } from '@/api/types'
import { sectionsOf } from './sections'

const conversation = (id: string, unread: number, preferences: object = {}, group: object | null = null) =>
  ({ id, unread, group, preferences: { level: 'all', silent_until: null, favourite: false, hidden: false, ...preferences } }) as Conversation

const ids = (conversations: Conversation[], current = '') =>
  Object.fromEntries(sectionsOf(conversations, current).map((section) => [section.name, section.conversations.map((c) => c.id)]))

test('conversations stand with what is unread, favourites, groups or people', () => {
  const all = [conversation('a', 1, { favourite: true }), conversation('b', 0, { favourite: true }), conversation('c', 0, {}, {}), conversation('d', 0), conversation('e', 2)]
  expect(ids(all)).toEqual({ unread: ['a', 'e'], favourites: ['b'], groups: ['c'], direct: ['d'] })
  expect(ids(all, 'a')).toEqual({ unread: ['e'], favourites: ['a', 'b'], groups: ['c'], direct: ['d'] })
})

test('what is muted does not ask to be read', () => {
  expect(ids([conversation('a', 1, { level: 'nothing' })])).toEqual({ direct: ['a'] })
})
