import { describe, expect, it } from 'vitest'
import type { Conversation, Entry, Group } from '@/api/types'
import { blursMentions, withCursor, withEntry } from './changes'

const conversation = (change: Partial<Conversation> = {}) =>
  ({ id: 'x', kind: 'direct', peer: { id: 'ana' }, peer_cursor: { user: 'ana', delivered_seq: 3, read_seq: 2 }, last_seq: 5, read_seq: 5, delivered_seq: 5, unread: 0, unread_mentions: 0, preferences: { level: 'all', silent_until: null, favourite: false, hidden: false }, last_message: null, group: null, ...change }) as Conversation

const message = (seq: number, actor: string) =>
  ({ conversation: 'x', seq, kind: 'message', actor, created_at: '', message: { body: 'x' } }) as Entry

describe('an entry', () => {
  it('counts as unread when others wrote it', () => {
    expect(withEntry(conversation(), message(6, 'ana'), 'me')).toMatchObject({ last_seq: 6, unread: 1 })
    expect(withEntry(conversation(), message(6, 'me'), 'me')).toMatchObject({ last_seq: 6, unread: 0 })
  })

  it('counts as a mention when it names one, or everybody', () => {
    const naming = (all: boolean, users: string[]) => ({ ...message(6, 'ana'), message: { body: 'x', mentions: { all, users } } }) as Entry
    expect(withEntry(conversation(), naming(false, ['me']), 'me')).toMatchObject({ unread: 1, unread_mentions: 1 })
    expect(withEntry(conversation(), naming(true, []), 'me')).toMatchObject({ unread: 1, unread_mentions: 1 })
    expect(withEntry(conversation(), naming(false, ['ana']), 'me')).toMatchObject({ unread: 1, unread_mentions: 0 })
  })

  it('brings back what was hidden', () => {
    const hidden = conversation({ preferences: { level: 'all', silent_until: null, favourite: true, hidden: true } })
    expect(withEntry(hidden, message(6, 'ana'), 'me').preferences).toMatchObject({ hidden: false, favourite: true })
  })

  it('gives the group its picture, and takes it away', () => {
    const group = { id: 'x', picture: null } as unknown as Group
    const told = (seq: number, picture?: string) => ({ conversation: 'x', seq, kind: 'picture', actor: 'ana', picture }) as unknown as Entry
    const given = withEntry(conversation({ group }), told(6, 'p1'), 'me')
    expect(given.group?.picture).toBe('p1')
    expect(withEntry(given, told(7), 'me').group?.picture).toBeNull()
  })

  it('leaves it to the server to count mentions after an edit or a deletion', () => {
    const change = (kind: string, mentions?: object) => ({ seq: 7, kind, target: { seq: 6, author: 'ana', mentions } }) as unknown as Entry
    const me = { all: false, users: ['me'] }
    expect(blursMentions(conversation(), change('edit', me), 'me')).toBe(true)
    expect(blursMentions(conversation(), change('edit'), 'me')).toBe(false)
    expect(blursMentions(conversation({ unread_mentions: 1 }), change('deletion'), 'me')).toBe(true)
    expect(blursMentions(conversation({ read_seq: 6, unread_mentions: 1 }), change('edit', me), 'me')).toBe(false)
  })

  it('changes nothing when it is counted already', () => {
    const c = conversation({ unread: 2 })
    expect(withEntry(c, message(5, 'ana'), 'me')).toBe(c)
  })
})

describe('an entry about oneself', () => {
  const about = (subject: string, rest: object) => ({ conversation: 'x', seq: 6, actor: 'ana', created_at: '', subject, ...rest }) as Entry

  it('changes what one may do at once', () => {
    expect(withEntry(conversation({ role: 'member' }), about('me', { kind: 'role', role: 'owner' }), 'me').role).toBe('owner')
    const muted = withEntry(conversation(), about('me', { kind: 'mute', until: '2999-01-01T00:00:00.000Z' }), 'me')
    expect(muted.muted_until).toBe('2999-01-01T00:00:00.000Z')
    expect(withEntry({ ...muted, last_seq: 5 }, about('me', { kind: 'unmute' }), 'me').muted_until).toBeNull()
  })

  it('leaves others as they are', () => {
    expect(withEntry(conversation({ role: 'member' }), about('ben', { kind: 'role', role: 'owner' }), 'me').role).toBe('member')
  })
})

describe('a cursor', () => {
  it('of mine at the end clears the count', () => {
    const c = conversation({ read_seq: 1, unread: 4 })
    expect(withCursor(c, { user: 'me', delivered_seq: 5, read_seq: 5 }, 'me')).toMatchObject({ read_seq: 5, unread: 0 })
  })

  it('of the other moves the ticks, and never back', () => {
    const c = withCursor(conversation(), { user: 'ana', delivered_seq: 5, read_seq: 4 }, 'me')
    expect(c.peer_cursor).toEqual({ user: 'ana', delivered_seq: 5, read_seq: 4 })
    expect(withCursor(c, { user: 'ana', delivered_seq: 1, read_seq: 1 }, 'me').peer_cursor).toEqual(c.peer_cursor)
  })
})
