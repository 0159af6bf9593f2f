import { describe, expect, it } from 'vitest'
import type { Entry, SharedFile } from '@/api/types'
import type { Outgoing } from '@/realtime/outbox'
import { buildRows, keepRows } from './rows'
import type { MessageRow, RowsInput } from './rows'

const at = (minute: number, day = 10) => new Date(2026, 10, day, 12, minute).toISOString()

function message(seq: number, actor: string, created_at = at(0)): Entry {
  const text = { id: `m${seq}`, client_id: `c${seq}`, body: `text ${seq}`, reply_to: null }
  return { conversation: 'x', seq, kind: 'message', actor, created_at, message: text }
}

function outgoing(client_id: string, sent: Outgoing['sent'] = null, refusal: Outgoing['refusal'] = null): Outgoing {
  return { client_id, user: 'me', conversation: 'x', body: client_id, reply_to: null, order: 1, created_at: at(5), refusal, sent }
}

function rows(input: Partial<RowsInput>) {
  return buildRows({ entries: [], outgoing: [], me: 'me', newAfter: undefined, peer: null, ...input })
}

const messages = (input: Partial<RowsInput>) => rows(input).filter((row): row is MessageRow => row.type === 'message')

describe('rows', () => {
  it('show the files of messages that are there, and of those that are on their way', () => {
    const files = [{ id: 'f1' }] as SharedFile[]
    const entry = message(1, 'ana')
    const shown = messages({ entries: [{ ...entry, message: { ...entry.message!, files } }, message(2, 'ana')], outgoing: [{ ...outgoing('mine'), files }] })
    expect(shown.map((row) => row.files)).toEqual([files, [], files])
  })

  it('group by author and minute', () => {
    const entries = [message(1, 'ana'), message(2, 'ana'), message(3, 'ana', at(1)), message(4, 'ben', at(1))]
    expect(messages({ entries }).map((row) => row.first)).toEqual([true, false, true, true])
  })

  it('start again after a notice', () => {
    const join: Entry = { conversation: 'x', seq: 2, kind: 'join', actor: 'ben', subject: 'ben', created_at: at(0) }
    const entries = [message(1, 'ana'), join, message(3, 'ana')]
    expect(rows({ entries }).map((row) => row.type)).toEqual(['day', 'message', 'system', 'message'])
    expect(messages({ entries }).map((row) => row.first)).toEqual([true, true])
  })

  it('put a line between days', () => {
    const entries = [message(1, 'ana', at(0, 10)), message(2, 'ana', at(0, 11)), message(3, 'ana', at(0, 11))]
    expect(rows({ entries }).map((row) => row.type)).toEqual(['day', 'message', 'day', 'message', 'message'])
  })

  it('put the new line once, before the first unread message by others', () => {
    const entries = [message(1, 'ana'), message(2, 'me'), message(3, 'ana'), message(4, 'ana')]
    const types = rows({ entries, newAfter: 1 }).map((row) => row.type)
    expect(types).toEqual(['day', 'message', 'message', 'new', 'message', 'message'])
  })

  it('show how far my messages have come, and nothing on those of others', () => {
    const entries = [message(1, 'me'), message(2, 'me'), message(3, 'me'), message(4, 'ana')]
    const peer = { user: 'ana', delivered_seq: 2, read_seq: 1 }
    expect(messages({ entries, peer }).map((row) => row.tick)).toEqual(['read', 'delivered', 'sent', undefined])
    expect(messages({ entries }).map((row) => row.tick)).toEqual(['sent', 'sent', 'sent', undefined])
  })

  it('show what is on its way, and say sent only after the answer', () => {
    const answer = { seq: 9, message_id: 'm', created_at: at(6), duplicate: false }
    const items = [outgoing('a'), outgoing('b', answer), outgoing('c', null, { code: 'forbidden', message: 'No.' })]
    expect(messages({ outgoing: items }).map((row) => row.tick)).toEqual(['sending', 'sent', 'failed'])
  })

  it('keep the key when the echo takes the place of what was sent', () => {
    const before = messages({ outgoing: [outgoing('c1')] })
    const after = messages({ entries: [message(1, 'me')], outgoing: [outgoing('c1')] })
    expect(after).toHaveLength(1)
    expect(after[0]!.key).toBe(before[0]!.key)
  })
})

describe('rows that are laid out again', () => {
  it('are the same ones where nothing changed', () => {
    const entries = [message(1, 'ana'), message(2, 'me')]
    const before = rows({ entries })
    expect(keepRows(before, rows({ entries: [...entries, message(3, 'ana')] })).slice(0, before.length)).toEqual(before)
    keepRows(before, rows({ entries })).forEach((row, n) => expect(row).toBe(before[n]))
  })

  it('are new ones where something did', () => {
    const peer = { user: 'ana', delivered_seq: 2, read_seq: 2 }
    const before = rows({ entries: [message(1, 'ana'), message(2, 'me')] })
    const now = keepRows(before, rows({ entries: [message(1, 'ana'), message(2, 'me')], peer }))
    const changed = now.filter((row, n) => row !== before[n])
    expect(changed.map((row) => row.key)).toEqual(['me:c2'])
  })
})
