import { describe, expect, it } from 'vitest'
import type { Group } from '@/api/types'
import { maySetRetention } from './rights'

const group = (change: Partial<Group> = {}) => ({ group: { lobby: false, archived_at: null, frozen_at: null, ...change } as Group })

describe('who says how long a conversation is kept', () => {
  it('is either of two people', () => {
    expect(maySetRetention({ group: null }, 'member', false)).toBe(true)
  })

  it('is an owner of the group', () => {
    expect(maySetRetention(group(), 'owner', false)).toBe(true)
    expect(maySetRetention(group(), 'moderator', false)).toBe(false)
  })

  it('is an admin in the lobby', () => {
    expect(maySetRetention(group({ lobby: true }), 'owner', true)).toBe(true)
    expect(maySetRetention(group({ lobby: true }), 'owner', false)).toBe(false)
  })

  it('is nobody while the group is archived, and an admin while it is frozen', () => {
    expect(maySetRetention(group({ archived_at: 'then' }), 'owner', true)).toBe(false)
    expect(maySetRetention(group({ frozen_at: 'then' }), 'owner', false)).toBe(false)
    expect(maySetRetention(group({ frozen_at: 'then' }), 'owner', true)).toBe(true)
  })
})
