import type { Uuid } from '@/api/types'
import type { Clock } from '@/realtime/clock'

/** A conversation's id, or with `/` behind it the message that a thread is about. */
export type Key = string

/** A draft as the server has it. */
export interface Kept {
  body: string
  /** Of two states the one with the higher version is the newer one. */
  version: number
}

export interface DraftSyncOptions {
  clock: Clock
  server: {
    /** All drafts, or those of one conversation and its threads. */
    all(conversation?: Uuid): Promise<Map<Key, Kept>>
    keep(key: Key, body: string): Promise<Kept>
    clear(key: Key, version: number): Promise<void>
  }
  /** What is written here; the truth until the server has it. */
  here: { keys(): Iterable<Key>; text(key: Key): string; show(key: Key, text: string): void }
  /** What the server had when it was last heard of, over reloads. */
  known: Map<Key, Kept>
  remember(key: Key, kept: Kept | undefined): void
  /** Whether the server would take a text: one that is too long waits here until it is shorter. */
  fits(text: string): boolean
}

const PAUSE_MS = 1_500

/**
 * Keeps the drafts of this device and those of the server the same. What was written here and has
 * not reached the server is never replaced: it goes there, and the last one to arrive counts.
 */
export class DraftSync {
  private readonly timers = new Map<Key, () => void>()
  /** One exchange with the server after the other, so that no answer is older than the last one. */
  private turn: Promise<void> = Promise.resolve()
  private ended = false

  constructor(private readonly options: DraftSyncOptions) {}

  /** Something was written: the server hears of it after a pause. */
  changed(key: Key): void {
    this.timers.get(key)?.()
    this.timers.set(key, this.options.clock.after(PAUSE_MS, () => void this.flush(key)))
  }

  /** Tells the server now, when there is anything to tell. */
  flush(key: Key): Promise<void> {
    this.timers.get(key)?.()
    this.timers.delete(key)
    return this.exchange(() => this.push(key))
  }

  flushAll(): void {
    for (const key of [...this.timers.keys()]) void this.flush(key)
  }

  /** Asks what other devices wrote, everywhere or in one conversation, and tells what waits here. */
  refresh(conversation?: Uuid, version = Infinity): Promise<void> {
    return this.exchange(async () => {
      const { known, here, server } = this.options
      const concerns = (key: Key) => !conversation || key.split('/')[0] === conversation
      if ([...known].some(([key, kept]) => concerns(key) && kept.version >= version)) return
      const found = await server.all(conversation)
      if (this.ended) return
      for (const [key, kept] of found) this.heard(key, kept)
      for (const key of [...known.keys()]) if (concerns(key) && !found.has(key)) this.heard(key, undefined)
      for (const key of new Set([...known.keys(), ...here.keys()])) if (concerns(key) && !this.timers.has(key)) await this.push(key)
    })
  }

  stop(): void {
    this.ended = true
    for (const cancel of this.timers.values()) cancel()
    this.timers.clear()
  }

  private exchange(run: () => Promise<void>): Promise<void> {
    // What fails is told again with the next change, and after the next connection.
    this.turn = this.turn.then(() => (this.ended ? undefined : run())).catch(() => {})
    return this.turn
  }

  private waits(key: Key): boolean {
    return this.options.here.text(key) !== (this.options.known.get(key)?.body ?? '')
  }

  private heard(key: Key, kept: Kept | undefined): void {
    const { known, here, remember } = this.options
    if (kept && kept.version <= (known.get(key)?.version ?? 0)) return
    const replace = !this.waits(key) || (kept && here.text(key) === '')
    remember(key, kept)
    if (replace) here.show(key, kept?.body ?? '')
  }

  private async push(key: Key): Promise<void> {
    const { known, here, server, remember, fits } = this.options
    const text = here.text(key)
    if (!this.waits(key) || !fits(text)) return
    if (text) {
      const { version } = await server.keep(key, text)
      if (!this.ended) remember(key, { body: text, version })
    } else {
      await server.clear(key, known.get(key)!.version)
      if (!this.ended) remember(key, undefined)
    }
  }
}
