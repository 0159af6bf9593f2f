import { describe, expect, it } from 'vitest'
import { DraftSync } from './draft-sync'
import type { Key, Kept } from './draft-sync'

/** The server's drafts of one person. */
class Server {
  readonly drafts = new Map<Key, Kept>()
  version = 0
  away = false

  keep(key: Key, body: string): Kept {
    const kept = { body: body.trim(), version: ++this.version }
    this.drafts.set(key, kept)
    return kept
  }
}

class Device {
  readonly texts = new Map<Key, string>()
  readonly known = new Map<Key, Kept>()
  private timers: (() => void)[] = []
  readonly sync: DraftSync

  constructor(readonly server: Server) {
    const reach = async () => {
      if (server.away) throw new Error('away')
    }
    this.sync = new DraftSync({
      clock: { now: () => 0, after: (_, run) => (this.timers.push(run), () => (this.timers = this.timers.filter((timer) => timer !== run))) },
      server: {
        all: async (only) => (await reach(), new Map([...server.drafts].filter(([key]) => !only || key.split('/')[0] === only))),
        keep: async (key, body) => (await reach(), server.keep(key, body)),
        clear: async (key, version) => {
          await reach()
          if ((server.drafts.get(key)?.version ?? Infinity) <= version) server.drafts.delete(key)
        },
      },
      here: { keys: () => this.texts.keys(), text: (key) => this.texts.get(key) ?? '', show: (key, text) => void this.put(key, text) },
      known: this.known,
      remember: (key, kept) => void (kept ? this.known.set(key, kept) : this.known.delete(key)),
      fits: (text) => text.length < 20,
    })
  }

  private put(key: Key, text: string): void {
    if (text) this.texts.set(key, text)
    else this.texts.delete(key)
  }

  type(key: Key, text: string): void {
    this.put(key, text)
    this.sync.changed(key)
  }

  /** The pause after what was typed is over. */
  async pause(): Promise<void> {
    for (const run of this.timers.splice(0)) run()
    await this.sync.refresh('nowhere', 0)
  }
}

describe('drafts', () => {
  it('go to the server after a pause and from there to other devices, and go everywhere when sent', async () => {
    const server = new Server()
    const [desk, phone] = [new Device(server), new Device(server)]
    for (const text of ['s', 'so', 'soup ']) desk.type('kitchen', text)
    expect(server.version).toBe(0)
    await desk.pause()
    expect(server.version).toBe(1)
    await phone.sync.refresh()
    expect(phone.texts.get('kitchen')).toBe('soup')
    desk.type('kitchen', '')
    await desk.sync.flush('kitchen')
    await phone.sync.refresh('kitchen')
    expect([server.drafts.size, phone.texts.size, phone.known.size]).toEqual([0, 0, 0])
  })

  it('that were written without a connection reach the server later, and the last one counts', async () => {
    const server = new Server()
    const [desk, phone] = [new Device(server), new Device(server)]
    server.away = true
    desk.type('kitchen', 'from the desk')
    await desk.pause()
    server.away = false
    phone.type('kitchen', 'from the phone')
    phone.type('kitchen/thread', 'an answer')
    await phone.pause()
    await desk.sync.refresh()
    expect(desk.texts.get('kitchen')).toBe('from the desk')
    expect(desk.texts.get('kitchen/thread')).toBe('an answer')
    await phone.sync.refresh('kitchen')
    expect(phone.texts.get('kitchen')).toBe('from the desk')
  })

  it('stay when they are newer than what was sent', async () => {
    const server = new Server()
    const [desk, phone] = [new Device(server), new Device(server)]
    desk.type('kitchen', 'soup')
    await desk.pause()
    await phone.sync.refresh()
    phone.type('kitchen', 'soup and bread')
    await phone.pause()
    desk.type('kitchen', '')
    await desk.pause()
    expect(server.drafts.get('kitchen')?.body).toBe('soup and bread')
    await desk.sync.refresh('kitchen', server.version)
    expect(desk.texts.get('kitchen')).toBe('soup and bread')
  })

  it('that are too long wait here and are not replaced', async () => {
    const server = new Server()
    const device = new Device(server)
    const long = 'longer than twenty characters'
    server.keep('kitchen', 'short')
    device.type('kitchen', long)
    await device.pause()
    await device.sync.refresh()
    expect([device.texts.get('kitchen'), server.drafts.get('kitchen')?.body]).toEqual([long, 'short'])
  })

  it('are not asked for when the change was made here', async () => {
    const server = new Server()
    const device = new Device(server)
    device.type('kitchen', 'soup')
    await device.pause()
    server.away = true
    const version = server.version
    await device.sync.refresh('kitchen', version)
    expect(device.known.get('kitchen')?.version).toBe(version)
  })
})
