import { describe, expect, it } from 'vitest'
import { endOf } from './status'

describe('a status', () => {
  const monday = new Date(2026, 10, 23, 15, 30)
  it('ends by itself when one said so', () => {
    expect(endOf('never', monday, '')).toBeNull()
    expect(endOf('half_hour', monday, '')).toEqual(new Date(2026, 10, 23, 16, 0))
    expect(endOf('hour', monday, '')).toEqual(new Date(2026, 10, 23, 16, 30))
    expect(endOf('today', monday, '')).toEqual(new Date(2026, 10, 24))
    expect(endOf('own', monday, '2026-12-01T08:00')).toEqual(new Date(2026, 11, 1, 8, 0))
  })
  it('for this week ends with its Sunday, whatever day it is', () => {
    for (let day = 23; day <= 29; day++) expect(endOf('week', new Date(2026, 10, day, 23, 59), '')).toEqual(new Date(2026, 10, 30))
  })
})
