import { beforeEach, describe, expect, it } from 'vitest'
import { errorFrom } from '@/api/problem'
import type { SharedFile } from '@/api/types'
import { FakeClock } from '@/realtime/testing'
import { UploadQueue, mayRetry } from './queue'
import type { Upload } from './queue'

interface Call {
  name: string
  told(bytes: number): void
  ok(): void
  fail(code: string, more?: object): void
  /** An answer without words. */
  answer(status: number): void
  lose(): void
  draw(): void
  aborted: boolean
  /** From where it goes on. */
  address: string | undefined
  found(address: string): void
}

const settled = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

let calls: Call[]
let clock: FakeClock
let online: boolean
let found: string[]
let letGo: string[]
let discarded: string[]
let drawn: string[]
let queue: UploadQueue

beforeEach(() => {
  calls = []
  clock = new FakeClock()
  online = true
  found = []
  letGo = []
  discarded = []
  drawn = []
  queue = new UploadQueue({
    clock,
    online: () => online,
    changed: () => {},
    found: (item, address) => void found.push(`${item.id} at ${address}`),
    letGo: (address) => void letGo.push(address),
    drawn: (id) => void drawn.push(id),
    discarded: (file) => void discarded.push(file.id),
    send(_, name, told, place, draw) {
      let call!: Call
      const done = new Promise<SharedFile>((resolve, reject) => {
        call = {
          name,
          told,
          aborted: false,
          ...place,
          draw: () => draw(new Blob()),
          ok: () => resolve({ id: `id of ${name}`, name } as SharedFile),
          fail: (code, more) => reject(errorFrom(422, { code, ...more })),
          answer: (status) => reject(errorFrom(status, undefined)),
          lose: () => reject(errorFrom(0, undefined)),
        }
      })
      calls.push(call)
      const abort = () => {
        call.aborted = true
        call.lose()
      }
      return { done, abort }
    },
  })
})

function add(...names: string[]): void {
  for (const name of names) {
    const source = new Blob(['0123456789'])
    queue.add({ id: name, key: 'c', name, bytes: 10, type: '', source, state: 'waiting', sent: 0, error: undefined, file: undefined, address: undefined })
  }
}
const one = (id: string) => queue.of('c').find((item) => item.id === id) as Upload
const states = () => queue.of('c').map((item) => item.state)

describe('what is attached', () => {
  it('is uploaded at once, three at a time and in order', async () => {
    add('a', 'b', 'c', 'd', 'e')
    expect(calls.map((call) => call.name)).toEqual(['a', 'b', 'c'])
    calls[1]!.ok()
    await settled()
    expect(calls.map((call) => call.name)).toEqual(['a', 'b', 'c', 'd'])
    expect(states()).toEqual(['sending', 'done', 'sending', 'sending', 'waiting'])
    expect(one('b').file?.id).toBe('id of b')
  })

  it('tells how far it is, and never more than all', () => {
    add('a')
    calls[0]!.told(4)
    expect(one('a').sent).toBe(4)
    calls[0]!.told(400)
    expect(one('a').sent).toBe(10)
  })

  it('is taken out while it is on its way, and makes room for the next one', async () => {
    add('a', 'b', 'c', 'd')
    queue.remove('a')
    expect(calls[0]!.aborted).toBe(true)
    await settled()
    expect(queue.of('c').map((item) => item.id)).toEqual(['b', 'c', 'd'])
    expect(calls.at(-1)!.name).toBe('d')
  })

  it('waits for a network that was lost, and goes on from the beginning', async () => {
    add('a')
    calls[0]!.told(7)
    online = false
    calls[0]!.lose()
    await settled()
    expect(one('a')).toMatchObject({ state: 'waiting', sent: 0 })
    add('b')
    clock.advance(600_000)
    expect(calls).toHaveLength(1)
    online = true
    queue.resume()
    expect(calls.map((call) => call.name)).toEqual(['a', 'a', 'b'])
    calls[1]!.ok()
    await settled()
    expect(one('a').state).toBe('done')
  })

  it('goes on from where it stopped once the server keeps what came', async () => {
    add('a')
    expect(calls[0]!.address).toBeUndefined()
    calls[0]!.found('/u/1')
    calls[0]!.told(7)
    expect(found).toEqual(['a at /u/1'])
    online = false
    calls[0]!.lose()
    await settled()
    expect(one('a')).toMatchObject({ state: 'waiting', sent: 7 })
    online = true
    queue.resume()
    expect(calls[1]!.address).toBe('/u/1')
    expect(one('a')).toMatchObject({ state: 'sending', sent: 7 })
    calls[1]!.fail('upload_locked')
    await settled()
    clock.advance(60_000)
    expect(calls[2]!.address).toBe('/u/1')
    calls[2]!.fail('no_room')
    await settled()
    queue.retry('a')
    expect(calls[3]!.address).toBe('/u/1')
    calls[3]!.ok()
    await settled()
    queue.remove('a')
    expect(letGo).toEqual([])
    expect(discarded).toEqual(['id of a'])
  })

  it('that is taken out leaves nothing at the server', async () => {
    add('a', 'b', 'c')
    calls[0]!.found('/u/1')
    queue.remove('a')
    expect(letGo).toEqual(['/u/1'])
    queue.remove('b')
    // It was announced while it was taken out.
    calls[1]!.found('/u/2')
    expect(letGo).toEqual(['/u/1', '/u/2'])
    calls[2]!.found('/u/3')
    queue.stop()
    await settled()
    expect(letGo).toEqual(['/u/1', '/u/2'])
    expect(found).toEqual(['a at /u/1', 'c at /u/3'])
  })

  it('that is taken out when it is uploaded takes no room at the server, but what is sent stays there', async () => {
    add('a', 'b', 'c')
    calls[0]!.ok()
    calls[1]!.ok()
    await settled()
    queue.release('a')
    expect(discarded).toEqual([])
    queue.remove('b')
    expect(discarded).toEqual(['id of b'])
    // The answer was on its way already.
    calls[2]!.ok()
    queue.remove('c')
    await settled()
    expect(discarded).toEqual(['id of b', 'id of c'])
    add('d')
    calls[3]!.ok()
    queue.stop()
    await settled()
    expect(discarded).toEqual(['id of b', 'id of c'])
    expect(queue.of('c')).toEqual([])
  })

  it('is drawn while it is there', () => {
    add('a')
    calls[0]!.draw()
    queue.remove('a')
    calls[0]!.draw()
    expect(drawn).toEqual(['a'])
  })

  it('that came too slowly goes on where the server kept what came, and is not sent anew otherwise', async () => {
    add('a', 'b')
    calls[0]!.found('/u/1')
    calls[0]!.told(7)
    calls[0]!.fail('timeout')
    calls[1]!.fail('timeout')
    await settled()
    expect(states()).toEqual(['waiting', 'failed'])
    clock.advance(2_000)
    expect(calls[2]!.address).toBe('/u/1')
    calls[2]!.answer(504)
    await settled()
    expect(one('a').state).toBe('waiting')
  })

  it('is asked for as long as the server puts it together, ever more seldom', async () => {
    add('a')
    calls[0]!.found('/u/1')
    calls[0]!.told(10)
    let asked = 0
    for (const pause of [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]) {
      if (asked++ % 2 === 0) calls.at(-1)!.answer(504)
      else calls.at(-1)!.fail('upload_locked')
      await settled()
      expect(one('a')).toMatchObject({ state: 'waiting', sent: 10 })
      clock.advance(pause - 1)
      expect(calls).toHaveLength(asked)
      clock.advance(1)
      expect(calls).toHaveLength(asked + 1)
    }
    calls.at(-1)!.ok()
    await settled()
    expect(one('a').state).toBe('done')
  })

  it('is tried again by itself after what goes by, but not for ever', async () => {
    add('a')
    for (let tries = 1; tries < 5; tries++) {
      calls.at(-1)!.fail('busy', { retry_after_ms: 5_000 })
      await settled()
      expect(one('a').state).toBe('waiting')
      clock.advance(4_999)
      expect(calls).toHaveLength(tries)
      clock.advance(1)
      expect(calls).toHaveLength(tries + 1)
    }
    calls.at(-1)!.fail('busy')
    await settled()
    expect(one('a').state).toBe('failed')
    expect(mayRetry(one('a'))).toBe(true)
    queue.retry('a')
    expect(one('a').state).toBe('sending')
  })

  it('is not tried again after a wait that is too long to look at', async () => {
    add('a')
    calls[0]!.fail('rate_limited', { retry_after_ms: 3_600_000 })
    await settled()
    expect(one('a').state).toBe('failed')
  })

  it('fails for good when it is not what the server takes', async () => {
    add('a', 'b')
    calls[0]!.fail('file_type_refused')
    calls[1]!.fail('quota_exceeded', { left_bytes: 3 })
    await settled()
    expect(states()).toEqual(['failed', 'failed'])
    expect(mayRetry(one('a'))).toBe(false)
    // One may have deleted something meanwhile.
    expect(mayRetry(one('b'))).toBe(true)
    expect(one('b').error?.leftBytes).toBe(3)
  })

  it('that failed does not hold up the others', async () => {
    add('a', 'b', 'c', 'd')
    calls[0]!.fail('file_damaged')
    await settled()
    expect(calls.at(-1)!.name).toBe('d')
  })
})
