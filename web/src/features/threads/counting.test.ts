import { describe, expect, it } from 'vitest'
import type { Conversation, Entry, Thread } from '@/api/types'
import { withEntry as inConversation } from '@/features/conversations/changes'
import { withTold } from '@/features/messages/history'
import { inOrder, withEntry } from './counting'

const base = { conversation: 'x', created_at: '2026-01-01T10:00:00Z' }
const root = { ...base, seq: 1, kind: 'message', actor: 'me', message: { id: 'root', client_id: 'c1', body: 'about this', reply_to: null } } as Entry
const inThread = (broadcast = false) => ({ root: 'root', seq: 1, broadcast })
const answer = (seq: number, actor: string, broadcast = false) =>
  ({ ...base, seq, kind: 'message', actor, message: { id: `m${seq}`, client_id: `c${seq}`, body: 'an answer', reply_to: null, thread: inThread(broadcast) } }) as Entry
const deletion = (seq: number, of: number, author: string) =>
  ({ ...base, seq, kind: 'deletion', actor: author, target: { seq: of, message_id: `m${of}`, author, thread: inThread(), changes: { seq, deleted_at: 'now', reactions: [] } } }) as unknown as Entry
const thread = (more: Partial<Thread> = {}): Thread => ({ root, following: true, read_seq: 1, unread: 0, as_of: 1, ...more })

describe('a message', () => {
  it('counts the answers in the thread about it once, whenever it was read', () => {
    const log = [answer(2, 'ana'), answer(3, 'ben'), answer(4, 'ana'), deletion(5, 3, 'ben')]
    const late = log.slice(0, 2).reduce(withTold, root)
    for (const start of [root, late]) {
      const replies = log.reduce(withTold, start).message!.replies!
      expect([replies.count, replies.seq, replies.people]).toEqual([2, 5, ['ana', 'ben']])
    }
  })
})

describe('a thread one follows', () => {
  it('counts what others answer behind the place one has read', () => {
    const after = [answer(2, 'ana'), answer(3, 'ben'), deletion(4, 2, 'ana')].reduce((state, entry) => withEntry(state, entry, 'me'), thread())
    expect([after.unread, after.as_of]).toEqual([1, 4])
    expect(withEntry(after, answer(3, 'ben'), 'me').unread).toBe(1)
    expect(withEntry(after, answer(5, 'me'), 'me')).toMatchObject({ unread: 0, read_seq: 5 })
  })

  it('is not counted when one follows it no longer, until one answers', () => {
    const left = thread({ following: false })
    expect(withEntry(left, answer(2, 'ana'), 'me').unread).toBe(0)
    expect(withEntry(left, answer(2, 'me'), 'me').following).toBe(true)
  })

  it('comes first when something in it is unread', () => {
    const told = (seq: number, unread: number) => {
      const message = { ...root.message!, id: `r${seq}`, replies: { count: 1, seq, latest_at: `2026-01-0${seq}`, people: [] } }
      return thread({ root: { ...root, seq, message }, unread })
    }
    expect(inOrder([told(1, 0), told(2, 1), told(3, 0), told(4, 2), thread()]).map((one) => one.root.seq)).toEqual([4, 2, 3, 1])
  })
})

describe('a conversation', () => {
  const conversation = { id: 'x', last_seq: 1, read_seq: 0, unread: 1, preferences: { hidden: false }, last_message: root } as unknown as Conversation

  it('counts an answer only when it is shown there, too', () => {
    const hidden = inConversation(conversation, answer(2, 'ana'), 'ben')
    expect([hidden.last_seq, hidden.unread, hidden.last_message!.seq]).toEqual([2, 1, 1])
    expect(inConversation(hidden, deletion(3, 2, 'ana'), 'ben').unread).toBe(1)
    const shown = inConversation(hidden, answer(3, 'ana', true), 'ben')
    expect([shown.unread, shown.last_message!.seq]).toEqual([2, 3])
  })
})
