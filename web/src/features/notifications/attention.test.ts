import { expect, test } from 'vitest'
import type { Conversation, NotificationSettings } from '@/api/types'
import { countOf, isQuiet, isSilent, mentions } from './attention'

const conversation = (preferences: object) =>
  ({ unread: 5, unread_mentions: 2, preferences: { level: 'all', silent_until: null, favourite: false, hidden: false, ...preferences } }) as Conversation

test('what asks for attention goes by the level', () => {
  expect(countOf(conversation({}))).toBe(5)
  expect(countOf(conversation({ level: 'mentions' }))).toBe(2)
  expect(countOf(conversation({ level: 'nothing' }))).toBe(0)
})

test('silence ends by itself', () => {
  const until = conversation({ silent_until: new Date(1_000).toISOString() })
  expect(isSilent(until, 999)).toBe(true)
  expect(isSilent(until, 1_000)).toBe(false)
  expect(countOf(until, 999)).toBe(0)
})

test('a message mentions those it names, or everybody', () => {
  expect(mentions({ mentions: { all: false, users: ['me'] } }, 'me')).toBe(true)
  expect(mentions({ mentions: { all: true, users: [] } }, 'me')).toBe(true)
  expect(mentions({ mentions: { all: false, users: ['ana'] } }, 'me')).toBe(false)
  expect(mentions({}, 'me')).toBe(false)
})

test('quiet hours may last over midnight and belong to the day on which they begin', () => {
  const settings = (from: number, to: number, days: number[]) => ({ quiet_hours: { from, to, days, utc_offset: 0 } }) as NotificationSettings
  const friday = settings(22 * 60, 7 * 60, [5])
  // The 20th of November 2026 is a Friday.
  expect(isQuiet(friday, new Date(2026, 10, 20, 23, 0))).toBe(true)
  expect(isQuiet(friday, new Date(2026, 10, 21, 6, 59))).toBe(true)
  expect(isQuiet(friday, new Date(2026, 10, 21, 7, 0))).toBe(false)
  expect(isQuiet(friday, new Date(2026, 10, 20, 6, 0))).toBe(false)
  const sunday = settings(12 * 60, 13 * 60, [7])
  expect(isQuiet(sunday, new Date(2026, 10, 22, 12, 30))).toBe(true)
  expect(isQuiet({ quiet_hours: null } as NotificationSettings)).toBe(false)
})
