import { expect, test } from 'vitest'
import { read, shownAs } from './words'
import type { Pushed } from './words'

const nothing = { kind: null, actor: null, group: null, role: null, reactions: [], text: null }
const pushed = (words: object | null, place: object = {}) =>
  ({ conversation: 'c1', seq: 7, thread: null, at: 0, words: words && { ...nothing, ...words }, ...place }) as Pushed
const title = (words: object, language: 'en' | 'ro' = 'en', place: object = {}) => shownAs(pushed(words, place), language).title

test('a message says who wrote where', () => {
  expect(shownAs(pushed({ actor: 'Ana', text: 'Soup?' }), 'en')).toEqual({ title: 'Ana', body: 'Soup?', tag: 'c1', path: '/c/c1/m/7' })
  expect(title({ actor: 'Ana', group: 'Kitchen' })).toBe('Ana in Kitchen')
  expect(title({ actor: 'Ana', group: 'Kitchen' }, 'ro')).toBe('Ana în Kitchen')
})

test('what is for one says what it is', () => {
  expect(title({ kind: 'mention', actor: 'Ana' })).toBe('Ana mentioned you')
  expect(title({ kind: 'role', actor: 'Ana', group: 'Kitchen', role: 'owner' })).toBe('Ana made you an owner in Kitchen')
  expect(title({ kind: 'reaction', actor: 'Ana', reactions: ['🎈', '🍲'] })).toBe('Ana reacted to your message 🎈 🍲')
  expect(title({ kind: 'ban_lifted' }, 'en', { conversation: null })).toBe('You are no longer banned')
  expect(title({ kind: 'ban_lifted' })).toBe('You may come into a group again from which you were banned')
})

test('a name that looks like a placeholder stays as it is', () => {
  expect(title({ kind: 'added', actor: '{group}', group: '$& {name}' })).toBe('{group} added you to $& {name}')
})

test('what is hidden says only that there is something', () => {
  expect(shownAs(pushed(null), 'en')).toEqual({ title: 'New message', body: '', tag: 'c1', path: '/c/c1/m/7' })
  expect(shownAs(read('not what was expected'), 'ro')).toEqual({ title: 'Mesaj nou', body: '', tag: 'parlor', path: '/c' })
  expect(shownAs(read(undefined), 'en').title).toBe('New message')
})

test('a click leads to the message, to its thread, or to the group', () => {
  const path = (place: object) => shownAs(pushed({}, place), 'en').path
  expect(path({ thread: 3 })).toBe('/c/c1/t/3')
  expect(path({ seq: null })).toBe('/c/c1')
  expect(path({ conversation: null, seq: null })).toBe('/c')
})
