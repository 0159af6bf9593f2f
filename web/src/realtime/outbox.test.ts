import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SharedFile } from '@/api/types'
import { CommandError, lost } from './frames'
import type { Sent } from './frames'
import { Outbox } from './outbox'
import type { Notice, OutboxItem, OutboxStore, Outgoing } from './outbox'
import { memoryStore, outboxStore } from './storage'
import { FakeClock } from './testing'

interface Call {
  item: OutboxItem
  ok(seq: number): void
  fail(error: CommandError): void
}

const settled = async () => {
  for (let i = 0; i < 30; i++) await Promise.resolve()
}

let clock: FakeClock
let store: OutboxStore
let nextId: number
let lock: Promise<void>

beforeEach(() => {
  clock = new FakeClock()
  store = memoryStore()
  nextId = 0
  lock = Promise.resolve()
})

function tab(others: () => Outbox[] = () => [], user = 'me') {
  const calls: Call[] = []
  let shown: Outgoing[] = []
  const outbox = new Outbox({
    user,
    store,
    clock,
    newId: () => `c${++nextId}`,
    send: (item) =>
      new Promise<Sent>((resolve, reject) => {
        const ok = (seq: number) => resolve({ seq, message_id: `m${seq}`, created_at: '', duplicate: false })
        calls.push({ item, ok, fail: reject })
      }),
    exclusively: (run) => {
      const turn = lock.then(run)
      lock = turn.catch(() => {})
      return turn
    },
    tell: (notice: Notice) => others().forEach((other) => other.hear(notice)),
    changed: (items) => (shown = items),
  })
  return { outbox, calls, shown: () => shown, bodies: () => calls.map((c) => c.item.body) }
}

describe('outbox', () => {
  it('sends the same files under the same id after a connection that was lost', async () => {
    const t = tab()
    const files = [{ id: 'f1', name: 'garden.jpg' }] as SharedFile[]
    await t.outbox.add('a', '', null, undefined, files)
    await settled()
    t.calls[0]!.fail(lost())
    await settled()
    void t.outbox.drain()
    await settled()
    expect(t.calls.map(({ item }) => [item.client_id, item.files])).toEqual([['c1', files], ['c1', files]])
    expect(t.shown()[0]!.files).toEqual(files)
  })

  it('sends in order within a conversation and side by side between them', async () => {
    const t = tab()
    await t.outbox.add('a', 'one')
    await t.outbox.add('a', 'two')
    await settled()
    expect(t.bodies()).toEqual(['one'])
    t.calls[0]!.ok(1)
    await settled()
    expect(t.bodies()).toEqual(['one', 'two'])
    t.calls[1]!.ok(2)
    await settled()
    await t.outbox.add('a', 'three')
    await t.outbox.add('b', 'four')
    await settled()
    t.calls[2]!.ok(3)
    await settled()
    expect(t.bodies()).toEqual(['one', 'two', 'three', 'four'])
  })

  it('is not sent before the answer, and stays until the log has it', async () => {
    const t = tab()
    await t.outbox.add('a', 'hi')
    await settled()
    expect(t.shown()).toMatchObject([{ body: 'hi', sent: null }])
    t.calls[0]!.ok(7)
    await settled()
    expect(t.shown()).toMatchObject([{ body: 'hi', sent: { seq: 7 } }])
    expect(await store.all('me')).toEqual([])
    t.outbox.settle(['c1'])
    expect(t.shown()).toEqual([])
  })

  it('keeps what had no answer and sends it again under the same id', async () => {
    const t = tab()
    await t.outbox.add('a', 'one')
    await t.outbox.add('a', 'two')
    await settled()
    t.calls[0]!.fail(lost())
    await settled()
    expect(t.calls).toHaveLength(2)
    t.calls[1]!.fail(lost())
    await settled()
    void t.outbox.drain()
    await settled()
    expect(t.calls.at(-1)!.item).toMatchObject({ client_id: 'c1', body: 'one' })
  })

  it('survives a reload', async () => {
    store = await outboxStore()
    const before = tab()
    await before.outbox.add('a', 'one')
    clock.advance(5)
    await before.outbox.add('a', 'two')
    const after = tab()
    await after.outbox.load()
    expect(after.shown().map((i) => [i.client_id, i.body])).toEqual([
      ['c1', 'one'],
      ['c2', 'two'],
    ])
  })

  it('shows and sends nothing of another person', async () => {
    const mine = tab()
    await mine.outbox.add('a', 'secret')
    mine.calls.length = 0
    const other = tab(() => [], 'other')
    await other.outbox.load()
    lock = Promise.resolve()
    void other.outbox.drain()
    await settled()
    expect(other.shown()).toEqual([])
    expect(other.calls).toEqual([])
  })

  it('marks a refused message, goes on with the next, and retries under the same id', async () => {
    const t = tab()
    await t.outbox.add('a', 'bad')
    await t.outbox.add('a', 'good')
    await settled()
    t.calls[0]!.fail(new CommandError('forbidden', 'You may not write here.', false))
    await settled()
    t.calls[1]!.ok(1)
    await settled()
    expect(t.shown()[0]).toMatchObject({ body: 'bad', refusal: { code: 'forbidden' } })
    await t.outbox.retry('c1')
    await settled()
    expect(t.calls[2]!.item).toMatchObject({ client_id: 'c1', body: 'bad' })
  })

  it('leaves a message that slow mode refused to its author, and goes on with the others', async () => {
    const t = tab()
    await t.outbox.add('a', 'too soon')
    await settled()
    t.calls[0]!.fail(new CommandError('slow_mode', 'wait', true, 3_600_000))
    await settled()
    expect(t.shown()).toMatchObject([{ body: 'too soon', refusal: { code: 'slow_mode' } }])
    await t.outbox.add('b', 'hello')
    await settled()
    expect(t.bodies()).toEqual(['too soon', 'hello'])
  })

  it('waits as long as an overloaded server asks', async () => {
    const t = tab()
    await t.outbox.add('a', 'hi')
    await settled()
    t.calls[0]!.fail(new CommandError('rate_limited', '', true, 700))
    await settled()
    clock.advance(699)
    await settled()
    expect(t.calls).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(t.calls).toHaveLength(2)
  })

  it('tries again through maintenance and goes on at once when it ends', async () => {
    const t = tab()
    const refuse = () => t.calls.at(-1)!.fail(new CommandError('maintenance', 'Back at noon.', true, 5_000))
    await t.outbox.add('a', 'one')
    await t.outbox.add('a', 'two')
    await settled()
    refuse()
    await settled()
    clock.advance(5_000)
    await settled()
    expect(t.bodies()).toEqual(['one', 'one'])
    refuse()
    await settled()
    expect(t.shown()).toMatchObject([{ body: 'one', sent: null, refusal: null }, { body: 'two' }])
    t.outbox.resume()
    await settled()
    t.calls[2]!.ok(1)
    await settled()
    t.calls[3]!.ok(2)
    await settled()
    clock.advance(60_000)
    await settled()
    expect(t.bodies()).toEqual(['one', 'one', 'one', 'two'])
    expect(await store.all('me')).toEqual([])
  })

  it('does not cut short what an overloaded server asks', async () => {
    const t = tab()
    await t.outbox.add('a', 'hi')
    await settled()
    t.calls[0]!.fail(new CommandError('rate_limited', '', true, 700))
    await settled()
    t.outbox.resume()
    await settled()
    expect(t.calls).toHaveLength(1)
  })

  it('is settled by the log even when the answer was lost', async () => {
    const t = tab()
    await t.outbox.add('a', 'hi')
    await settled()
    t.calls[0]!.fail(lost())
    await settled()
    t.outbox.settle(['c1'])
    await settled()
    expect(await store.all('me')).toEqual([])
  })

  it('lets one tab send what two tabs know of', async () => {
    const tabs: ReturnType<typeof tab>[] = []
    const first = tab(() => [tabs[1]!.outbox])
    const second = tab(() => [tabs[0]!.outbox])
    tabs.push(first, second)
    await first.outbox.add('a', 'hi')
    await settled()
    void second.outbox.drain()
    await settled()
    expect(first.calls).toHaveLength(1)
    expect(second.calls).toHaveLength(0)
    expect(second.shown()).toMatchObject([{ body: 'hi', sent: null }])
    first.calls[0]!.ok(4)
    await settled()
    expect(second.calls).toHaveLength(0)
    expect(second.shown()).toMatchObject([{ body: 'hi', sent: { seq: 4 } }])
  })
})
