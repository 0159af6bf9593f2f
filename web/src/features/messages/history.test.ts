import { describe, expect, it } from 'vitest'
import type { Entry } from '@/api/types'
import { fromPage, MOST, withChange, withLive, withNewer, withOlder } from './history'

const entry = (seq: number) => ({ seq }) as Entry
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => entry(from + i))
const page = (from: number, to: number, end = 1000) => ({
  items: range(from, to),
  has_older: from > 1,
  has_newer: to < end,
  last_seq: end,
})
const seqs = (t: { entries: Entry[] }) => [t.entries[0]?.seq, t.entries.at(-1)?.seq, t.entries.length]

describe('a timeline', () => {
  it('knows that something came while its page was on the way', () => {
    expect(fromPage(page(951, 1000), 1000).hasNewer).toBe(false)
    expect(fromPage(page(951, 1000), 1001).hasNewer).toBe(true)
  })

  it('grows at both ends without doubling anything', () => {
    const t = fromPage(page(500, 550), 1000)
    expect(seqs(withOlder(t, page(460, 505)))).toEqual([460, 550, 91])
    expect(seqs(withNewer(t, page(545, 600), 1000))).toEqual([500, 600, 101])
  })

  it('lets go of the far end when it gets long', () => {
    let t = fromPage(page(951, 1000), 1000)
    for (let from = 901; from >= 1; from -= 50) t = withOlder(t, page(from, from + 49))
    expect(seqs(t)).toEqual([1, MOST, MOST])
    expect(t).toMatchObject({ hasOlder: false, hasNewer: true })
    for (let from = MOST + 1; from < 1000; from += 50) t = withNewer(t, page(from, from + 49), 1000)
    expect(seqs(t)).toEqual([1000 - MOST + 1, 1000, MOST])
    expect(t).toMatchObject({ hasOlder: true, hasNewer: false })
  })

  it('takes new entries only where it reaches the end', () => {
    const end = fromPage(page(951, 1000), 1000)
    expect(seqs(withLive(end, entry(1001)))).toEqual([951, 1001, 51])
    expect(withLive(end, entry(1000))).toBe(end)
    const middle = fromPage(page(500, 550), 1000)
    expect(withLive(middle, entry(1001))).toBe(middle)
  })

  it('takes the first entry of an empty log', () => {
    const empty = fromPage({ items: [], has_older: false, has_newer: false, last_seq: 0 }, 0)
    expect(seqs(withLive(empty, entry(1)))).toEqual([1, 1, 1])
  })
})

describe('a message', () => {
  const changes = (seq: number, edited_at: string | null) => ({ seq, edited_at, deleted_at: null, pinned_at: null, reactions: [] })
  const message = { seq: 1, message: { id: 'm', client_id: 'c', body: 'before', reply_to: null } } as Entry
  const target = (seq: number, edited_at: string | null, body?: string) => ({ seq: 1, message_id: 'm', author: 'ana', body, changes: changes(seq, edited_at) })

  it('keeps the newer of two states', () => {
    const edited = withChange(message, target(3, 'noon', 'after'))
    expect(edited.message).toMatchObject({ body: 'after', changes: { seq: 3 } })
    expect(withChange(edited, target(2, null))).toBe(edited)
  })

  it('gets the text with an entry that tells of a later edit', () => {
    const pinned = withChange(message, target(3, 'noon', 'after'))
    expect(pinned.message).toMatchObject({ body: 'after', changes: { seq: 3 } })
    expect(withChange(pinned, target(3, 'noon', 'after'))).toBe(pinned)
  })
})
