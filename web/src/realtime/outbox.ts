import type { SharedFile, Uuid } from '@/api/types'
import type { Clock } from './clock'
import { CommandError } from './frames'
import type { Sent } from './frames'

/** A message that the server has not confirmed yet. */
export interface OutboxItem {
  client_id: Uuid
  user: Uuid
  conversation: Uuid
  body: string
  /** What was uploaded for it. */
  files?: SharedFile[]
  /** The message it answers. */
  reply_to: Uuid | null
  /** The thread it is written in, and whether it is shown in the conversation, too. */
  thread?: { root: Uuid; broadcast: boolean }
  /** Ascending in the order of writing, over reloads and tabs. */
  order: number
  created_at: string
  /** Why the server refused it; null while it is still to be sent. */
  refusal: { code: string; message: string } | null
}

/** An item as this tab knows it: `sent` is there once the server answered. */
export interface Outgoing extends OutboxItem {
  sent: Sent | null
}

export interface OutboxStore {
  all(user: Uuid): Promise<OutboxItem[]>
  put(item: OutboxItem): Promise<void>
  remove(clientId: Uuid): Promise<void>
}

/** What one tab tells the others about the outbox they share. */
export type Notice = { type: 'changed' } | { type: 'sent'; client_id: Uuid; sent: Sent }

export interface OutboxOptions {
  user: Uuid
  store: OutboxStore
  clock: Clock
  newId: () => Uuid
  send: (item: OutboxItem) => Promise<Sent>
  /** Runs while no other tab of this person does. */
  exclusively: (run: () => Promise<void>) => Promise<void>
  tell: (notice: Notice) => void
  changed: (items: Outgoing[]) => void
}

const PAUSE_MS = 2_000

/**
 * Messages on their way out. They are kept until the server answers, sent in order within each
 * conversation, and always under the id they were given first, so that none is posted twice.
 */
export class Outbox {
  private readonly items = new Map<Uuid, Outgoing>()
  private draining = false
  private again = false
  /** What ends the pauses of those who wait for maintenance to end. */
  private readonly held = new Set<() => void>()

  constructor(private readonly options: OutboxOptions) {}

  /** Reads what earlier visits and other tabs left. */
  async load(): Promise<void> {
    const stored = await this.options.store.all(this.options.user)
    const ids = new Set(stored.map((item) => item.client_id))
    for (const item of this.items.values()) if (!item.sent && !ids.has(item.client_id)) this.items.delete(item.client_id)
    for (const item of stored) {
      if (!this.items.get(item.client_id)?.sent) this.items.set(item.client_id, { ...item, sent: null })
    }
    this.show()
  }

  /** Takes a message in. It is shown at once; the promise ends when it is stored. */
  async add(conversation: Uuid, body: string, replyTo: Uuid | null = null, thread?: OutboxItem['thread'], files: SharedFile[] = []): Promise<void> {
    const item: OutboxItem = {
      client_id: this.options.newId(),
      user: this.options.user,
      conversation,
      body,
      ...(files.length > 0 && { files }),
      reply_to: replyTo,
      ...(thread && { thread }),
      order: this.nextOrder(),
      created_at: new Date(this.options.clock.now()).toISOString(),
      refusal: null,
    }
    await this.keep(item)
  }

  /** Puts a refused message at the end of the queue again, under the same id. */
  async retry(clientId: Uuid): Promise<void> {
    const item = this.items.get(clientId)
    if (!item?.refusal) return
    const { sent, ...stored } = item
    await this.keep({ ...stored, order: this.nextOrder(), refusal: null })
  }

  async discard(clientId: Uuid): Promise<void> {
    this.items.delete(clientId)
    this.show()
    await this.options.store.remove(clientId)
    this.options.tell({ type: 'changed' })
  }

  /** The messages are in the log now, however that came to be known. */
  settle(clientIds: Uuid[]): void {
    const known = clientIds.filter((id) => this.items.has(id))
    if (known.length === 0) return
    for (const id of known) {
      if (!this.items.get(id)?.sent) void this.options.store.remove(id)
      this.items.delete(id)
    }
    this.show()
  }

  hear(notice: Notice): void {
    if (notice.type === 'sent') this.markSent(notice.client_id, notice.sent)
    else void this.load()
  }

  /** Sends what is waiting. Called when the connection is ready and when something was added. */
  async drain(): Promise<void> {
    if (this.draining) {
      this.again = true
      return
    }
    this.draining = true
    try {
      do {
        this.again = false
        await this.options.exclusively(() => this.pass())
      } while (this.again)
    } finally {
      this.draining = false
    }
  }

  /** Maintenance is over: what waited for that is sent now instead of a little later. */
  resume(): void {
    for (const go of [...this.held]) go()
  }

  private async pass(): Promise<void> {
    const queues = new Map<Uuid, OutboxItem[]>()
    for (const item of await this.options.store.all(this.options.user)) {
      if (item.refusal) continue
      const queue = queues.get(item.conversation) ?? []
      queue.push(item)
      queues.set(item.conversation, queue)
    }
    await Promise.all([...queues.values()].map((queue) => this.sendInOrder(queue.sort((a, b) => a.order - b.order))))
  }

  private async sendInOrder(queue: OutboxItem[]): Promise<void> {
    for (const item of queue) if (!(await this.sendOne(item))) return
  }

  /** False when the rest of the queue has to wait for a new connection. */
  private async sendOne(item: OutboxItem): Promise<boolean> {
    for (;;) {
      try {
        const sent = await this.options.send(item)
        await this.options.store.remove(item.client_id)
        this.markSent(item.client_id, sent)
        this.options.tell({ type: 'sent', client_id: item.client_id, sent })
        return true
      } catch (thrown) {
        const error = thrown instanceof CommandError ? thrown : new CommandError('connection_lost', '', true)
        if (error.code === 'connection_lost') return false
        // A wait that people set is theirs to end: a message that is sent by itself an hour later is no
        // longer what one wanted to say, and the others would wait behind it.
        if (!error.retryable || error.code === 'slow_mode') {
          await this.keep({ ...item, refusal: { code: error.code, message: error.message } }, false)
          return true
        }
        await this.pause(error.retryAfterMs ?? PAUSE_MS, error.code === 'maintenance')
      }
    }
  }

  private pause(ms: number, held: boolean): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(ms, () => go())
      const go = () => {
        cancel()
        this.held.delete(go)
        resolve()
      }
      if (held) this.held.add(go)
    })
  }

  private async keep(item: OutboxItem, drain = true): Promise<void> {
    this.items.set(item.client_id, { ...item, sent: null })
    this.show()
    await this.options.store.put(item)
    this.options.tell({ type: 'changed' })
    if (drain) void this.drain()
  }

  private markSent(clientId: Uuid, sent: Sent): void {
    const item = this.items.get(clientId)
    if (!item) return
    this.items.set(clientId, { ...item, refusal: null, sent })
    this.show()
  }

  private nextOrder(): number {
    const last = Math.max(0, ...[...this.items.values()].map((item) => item.order))
    return Math.max(last + 1, this.options.clock.now())
  }

  private show(): void {
    this.options.changed([...this.items.values()].sort((a, b) => a.order - b.order))
  }
}
