import { expect, it } from 'vitest'
import { fieldValue, isGood, momentOf } from './times'

it('a message is sent in an hour, tomorrow morning, or next Monday morning', () => {
  const now = new Date(2026, 10, 21, 23, 30)
  expect(momentOf('hour', now)).toEqual(new Date(2026, 10, 22, 0, 30))
  expect(momentOf('tomorrow', now)).toEqual(new Date(2026, 10, 22, 9))
  for (let day = 16; day <= 22; day++) expect(momentOf('monday', new Date(2026, 10, day, 8))).toEqual(new Date(2026, 10, 23, 9))
})

it('a moment lies ahead, and within a year', () => {
  const now = new Date(2026, 10, 21, 12)
  expect(isGood(new Date(2026, 10, 21, 12, 1), now)).toBe(true)
  for (const other of [now, new Date(2027, 11, 1), new Date('')]) expect(isGood(other, now)).toBe(false)
})

it('a field shows a moment in local time', () => {
  expect(fieldValue(new Date(2026, 0, 5, 9, 0))).toBe('2026-01-05T09:00')
})
