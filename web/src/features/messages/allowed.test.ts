import { describe, expect, it } from 'vitest'
import type { Conversation, Group } from '@/api/types'
import { allowed } from './allowed'
import type { MessageRow } from './rows'

const me = { id: 'me', isAdmin: false }
const row = (change: Partial<MessageRow> = {}) => ({ id: 'm', author: 'ana', body: 'Soup', changes: undefined, ...change }) as MessageRow
const direct = { group: null, role: 'member' } as Conversation
const group = (role: string, read_only = false, change: Partial<Group> = {}) => ({ group: { read_only, ...change }, role }) as Conversation

const ANYBODY = ['react', 'forward', 'save', 'unsave', 'mark_unread', 'copy_text', 'copy_link']

describe('with a message one may', () => {
  it('do everything when it is one\'s own', () => {
    expect(allowed(row({ author: 'me' }), direct, me)).toEqual(['react', 'reply', 'thread', 'forward', 'save', 'unsave', 'mark_unread', 'edit', 'copy_text', 'copy_link', 'pin', 'delete'])
  })

  it('copy its text when it has any', () => {
    expect(allowed(row({ body: '' }), direct, me)).not.toContain('copy_text')
  })

  it('not change what somebody else said', () => {
    expect(allowed(row({ author: 'me', forwarded: { author: 'ana', source: null } }), direct, me)).not.toContain('edit')
  })

  it('delete that of others only where one leads the group', () => {
    expect(allowed(row(), direct, { ...me, isAdmin: true })).not.toContain('delete')
    expect(allowed(row(), group('member'), me)).not.toContain('delete')
    expect(allowed(row(), group('moderator'), me)).toContain('delete')
    expect(allowed(row(), group('owner'), me)).toContain('delete')
    expect(allowed(row(), group('owner'), me)).not.toContain('edit')
  })

  it('only react and copy where one cannot write', () => {
    expect(allowed(row(), group('member', true), me)).toEqual([...ANYBODY, 'report'])
    expect(allowed(row({ author: 'me' }), group('member', true), me)).toEqual([...ANYBODY, 'seen', 'delete'])
  })

  it('write nothing in a group that is frozen or archived, whoever one is', () => {
    for (const change of [{ frozen_at: 'now' }, { archived_at: 'now' }]) {
      expect(allowed(row({ author: 'me' }), group('owner', false, change), { ...me, isAdmin: true })).toEqual(['forward', 'save', 'unsave', 'mark_unread', 'copy_text', 'copy_link', 'seen', 'delete'])
    }
  })

  it('see what it said before when it is one\'s own, or where one leads the group', () => {
    const edited = { changes: { seq: 2, deleted_at: null, edited_at: 'now', pinned_at: null, reactions: [] } }
    expect(allowed(row({ author: 'me', ...edited }), direct, me)).toContain('revisions')
    expect(allowed(row(edited), group('moderator'), me)).toContain('revisions')
    expect(allowed(row(edited), group('member'), { ...me, isAdmin: true })).toContain('revisions')
    expect(allowed(row(edited), group('member'), me)).not.toContain('revisions')
    expect(allowed(row(edited), direct, { ...me, isAdmin: true })).not.toContain('revisions')
    expect(allowed(row({ author: 'me' }), direct, me)).not.toContain('revisions')
  })

  it('do nothing when it is deleted or on its way', () => {
    expect(allowed(row({ changes: { seq: 2, deleted_at: 'now', edited_at: null, pinned_at: null, reactions: [] } }), direct, me)).toEqual([])
    expect(allowed(row({ id: undefined }), direct, me)).toEqual([])
  })
})
