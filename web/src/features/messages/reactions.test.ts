import { describe, expect, it } from 'vitest'
import { withWish } from './reactions'

const both = [{ emoji: '👍', users: ['ana', 'me'] }, { emoji: '🎉', users: ['me'] }]

describe('a reaction that was asked for', () => {
  it('is added to those that are there, or after them', () => {
    expect(withWish([{ emoji: '👍', users: ['ana'] }], '👍', 'me', true)).toEqual([{ emoji: '👍', users: ['ana', 'me'] }])
    expect(withWish([], '👍', 'me', true)).toEqual([{ emoji: '👍', users: ['me'] }])
  })

  it('is taken back, and the emoji goes with its last person', () => {
    expect(withWish(both, '👍', 'me', false)[0]).toEqual({ emoji: '👍', users: ['ana'] })
    expect(withWish(both, '🎉', 'me', false)).toEqual([both[0]])
  })

  it('changes nothing once the server has done it', () => {
    expect(withWish(both, '👍', 'me', true)).toBe(both)
    expect(withWish([], '👍', 'me', false)).toEqual([])
  })
})
