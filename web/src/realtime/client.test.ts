import { beforeEach, describe, expect, it } from 'vitest'
import type { Conversation } from '@/api/types'
import { RealtimeClient } from './client'
import type { ConnectionState } from './client'
import type { Ready, ServerEvent } from './frames'
import { FakeClock, FakeSocket } from './testing'

const conversation = (id: string, last_seq: number) => ({ id, last_seq }) as Conversation

let clock: FakeClock
let sockets: FakeSocket[]
let states: ConnectionState[]
let readies: Ready[]
let events: ServerEvent[]
let client: RealtimeClient

const socket = () => sockets.at(-1)!
const state = () => states.at(-1)!

/** Lets the wait for the next attempt pass, and not a moment more. */
function wait(): number {
  const now = state()
  if (now.name !== 'waiting') throw new Error(`not waiting but ${now.name}`)
  const ms = now.until - clock.now()
  clock.advance(ms)
  return ms
}

beforeEach(() => {
  clock = new FakeClock()
  sockets = []
  states = []
  readies = []
  events = []
  client = new RealtimeClient({
    clock,
    random: () => 0.5,
    open: () => {
      sockets.push(new FakeSocket())
      return socket()
    },
    listener: {
      state: (s) => states.push(s),
      ready: (r) => readies.push(r),
      event: (e) => events.push(e),
    },
  })
})

function welcome(conversations = [conversation('a', 5)], epoch = 'e1') {
  socket().open()
  const hello = socket().last('hello')
  socket().receive({ re: hello.id, type: 'ready', epoch, conversations, heartbeat_ms: 25_000, limits: {} })
  return hello
}

const entry = (seq: number, id = 'a') =>
  socket().receive({ type: 'entry', conversation: id, seq, kind: 'message', actor: 'u', created_at: '' })

const entries = () => events.filter((e) => e.type === 'entry').map((e) => e.seq)

describe('opening', () => {
  it('says hello without cursors at first and becomes ready', () => {
    client.start()
    const hello = welcome()
    expect(hello).toMatchObject({ cursors: [], window: 256 })
    expect(hello).not.toHaveProperty('epoch')
    expect(state()).toEqual({ name: 'ready' })
    expect(readies).toHaveLength(1)
  })

  it('resumes with its cursors and the epoch after a loss', () => {
    client.start()
    welcome()
    entry(6)
    socket().drop(1006)
    expect(state()).toMatchObject({ name: 'waiting', greeted: true })
    wait()
    expect(welcome()).toMatchObject({ epoch: 'e1', cursors: [['a', 6]] })
  })

  it('forgets conversations that ready no longer names', () => {
    client.start()
    welcome([conversation('a', 5), conversation('b', 1)])
    socket().drop(1006)
    wait()
    welcome([conversation('b', 1)])
    socket().drop(1006)
    wait()
    expect(welcome()).toMatchObject({ cursors: [['b', 1]] })
  })

  it('re-positions what does not fit the first hello', () => {
    const many = Array.from({ length: 501 }, (_, i) => conversation(`c${i}`, 1))
    client.start()
    welcome(many)
    socket().drop(1006)
    wait()
    expect(welcome(many).cursors).toHaveLength(500)
    expect(socket().last('hello').cursors).toEqual([['c500', 1]])
  })

  it('gives up an attempt that gets no answer', () => {
    client.start()
    clock.advance(15_000)
    expect(state()).toMatchObject({ name: 'waiting', greeted: false })
  })
})

describe('entries', () => {
  beforeEach(() => {
    client.start()
    welcome()
  })

  it('passes on the next one and ignores one it has', () => {
    entry(6)
    entry(6)
    entry(5)
    entry(7)
    expect(entries()).toEqual([6, 7])
  })

  it('asks again for a conversation with a gap and drops what came out of order', () => {
    entry(6)
    entry(9)
    entry(10)
    const hello = socket().last('hello')
    expect(hello).toMatchObject({ cursors: [['a', 6]], epoch: 'e1' })
    expect(socket().sent.filter((f) => f.type === 'hello')).toHaveLength(2)
    socket().receive({ re: hello.id, type: 'ok' })
    return Promise.resolve().then(() => {
      for (const seq of [7, 8, 9]) entry(seq)
      expect(entries()).toEqual([6, 7, 8, 9])
    })
  })

  it('goes on behind a reset', () => {
    socket().receive({ type: 'reset', conversation: 'a', last_seq: 9000 })
    entry(9001)
    expect(events.map((e) => e.type)).toEqual(['reset', 'entry'])
  })

  it('follows a conversation that is added and forgets a removed one', () => {
    socket().receive({ type: 'conversation.added', conversation: conversation('n', 3) })
    entry(4, 'n')
    socket().receive({ type: 'conversation.removed', conversation: 'n' })
    entry(5, 'n')
    expect(entries()).toEqual([4])
  })

  it('follows a conversation it is told about, once', () => {
    client.follow('n', 3)
    client.follow('a', 99)
    expect(socket().all('hello').slice(1).map((f) => f.cursors)).toEqual([[['n', 3]]])
    socket().receive({ re: socket().last('hello').id, type: 'ok' })
    return Promise.resolve().then(() => {
      socket().receive({ type: 'conversation.added', conversation: conversation('n', 2) })
      entry(4, 'n')
      entry(6, 'a')
      expect(entries()).toEqual([4, 6])
    })
  })

  it('acknowledges in one frame after a moment', () => {
    for (const seq of [6, 7, 8]) entry(seq)
    expect(socket().all('ack')).toHaveLength(0)
    clock.advance(200)
    expect(socket().all('ack').map((f) => f.cursors)).toEqual([[['a', 8]]])
  })

  it('acknowledges at once when much of the window is used', () => {
    for (let seq = 6; seq < 6 + 64; seq++) entry(seq)
    expect(socket().last('ack').cursors).toEqual([['a', 69]])
  })
})

describe('commands', () => {
  beforeEach(() => {
    client.start()
    welcome()
  })

  it('matches answers by id', async () => {
    const first = client.request({ type: 'typing', conversation: 'a' })
    const second = client.request({ type: 'read', conversation: 'a', seq: 5 })
    const refused = expect(first).rejects.toMatchObject({ code: 'forbidden', retryable: false })
    socket().receive({ re: socket().last('read').id, type: 'ok' })
    socket().receive({ re: socket().last('typing').id, type: 'error', code: 'forbidden', message: 'No.', retryable: false })
    await expect(second).resolves.toMatchObject({ type: 'ok' })
    await refused
  })

  it('fails what is unanswered when the connection is lost', async () => {
    const sent = client.request({ type: 'typing', conversation: 'a' })
    const failed = expect(sent).rejects.toMatchObject({ code: 'connection_lost', retryable: true })
    socket().drop(1006)
    await failed
    await expect(client.request({ type: 'typing', conversation: 'a' })).rejects.toMatchObject({ retryable: true })
  })

  it('takes silence for a lost connection', () => {
    client.request({ type: 'typing', conversation: 'a' }).catch(() => {})
    clock.advance(15_000)
    expect(state().name).toBe('waiting')
    expect(socket().closed).toBe(true)
  })

  it('asks for a sign of life after a silent heartbeat', () => {
    clock.advance(25_000)
    expect(socket().last('ack').cursors).toEqual([['a', 5]])
    clock.advance(15_000)
    expect(state().name).toBe('waiting')
  })

  it('survives on answers to its probes', () => {
    clock.advance(25_000)
    socket().receive({ re: socket().last('ack').id, type: 'ok' })
    clock.advance(24_000)
    expect(state().name).toBe('ready')
  })
})

describe('losing the connection', () => {
  it('waits longer each time, between half a second and thirty', () => {
    const waits: number[] = []
    client.start()
    for (let i = 0; i < 9; i++) {
      socket().drop(1006)
      waits.push(wait())
    }
    expect(waits).toEqual([750, 1250, 2250, 4250, 8250, 15_250, 15_250, 15_250, 15_250])
  })

  it('starts over with short waits after it was ready', () => {
    client.start()
    for (let i = 0; i < 5; i++) {
      socket().drop(1006)
      wait()
    }
    welcome()
    socket().drop(4401)
    expect(state()).toMatchObject({ until: clock.now() + 750 })
  })

  it('connects at once when woken', () => {
    client.start()
    socket().drop(1006)
    client.wake()
    expect(sockets).toHaveLength(2)
    expect(state().name).toBe('connecting')
    clock.advance(1_000)
    expect(sockets).toHaveLength(2)
  })

  it('starts over with short waits when woken', () => {
    client.start()
    for (let i = 0; i < 5; i++) {
      socket().drop(1006)
      wait()
    }
    socket().drop(1006)
    client.wake()
    socket().drop(1006)
    expect(state()).toMatchObject({ until: clock.now() + 750 })
  })

  it('finds a dead connection soon when woken', () => {
    client.start()
    welcome()
    client.wake()
    clock.advance(5_000)
    expect(state().name).toBe('waiting')
  })

  it.each([4401, 4408, 4413, 4429, 1006, 1001])('connects again after %i', (code) => {
    client.start()
    welcome()
    socket().drop(code)
    wait()
    expect(sockets).toHaveLength(2)
  })

  it.each([4501, 4503, 4504, 4505])('stops for good after %i', (code) => {
    client.start()
    welcome()
    socket().drop(code)
    expect(state()).toMatchObject({ name: 'ended', code })
    clock.advance(60_000)
    client.wake()
    expect(sockets).toHaveLength(1)
  })

  it('believes a bye whose close frame was lost, and waits as long as it asks', () => {
    client.start()
    welcome()
    socket().receive({ type: 'bye', code: 4401, reason: 'restarting', retry_after_ms: 2_000 })
    socket().drop(1006)
    expect(state()).toMatchObject({ name: 'waiting', until: clock.now() + 2_750 })
    wait()
    welcome()
    socket().receive({ type: 'bye', code: 4503, reason: 'Spam.' })
    socket().drop(1006)
    expect(state()).toEqual({ name: 'ended', code: 4503, reason: 'Spam.' })
  })

  it('is quiet after stop', () => {
    client.start()
    welcome()
    client.stop()
    clock.advance(60_000)
    expect(sockets).toHaveLength(1)
    expect(socket().closed).toBe(true)
    expect(state().name).toBe('stopped')
  })
})
