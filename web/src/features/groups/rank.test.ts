import { expect, it } from 'vitest'
import type { Conversation } from '@/api/types'
import { rankOf } from './rank'

it('admins count as owners of the groups they are in, and as nothing more elsewhere', () => {
  const group = {} as Conversation['group']
  expect(rankOf({ group, role: 'member' }, true)).toBe('owner')
  expect(rankOf({ group, role: 'moderator' }, false)).toBe('moderator')
  expect(rankOf({ group: null, role: 'member' }, true)).toBe('member')
})
