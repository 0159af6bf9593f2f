import { asApiError } from '@/api/client'
import { ApiError } from '@/api/problem'
import type { SharedFile } from '@/api/types'
import type { Clock } from '@/realtime/clock'
import type { Place } from './resuming'
import type { Sending } from './transport'

/** A file that is attached to a message that is being written. */
export interface Upload {
  id: string
  /** By which its composer is known. */
  key: string
  name: string
  bytes: number
  type: string
  /** What is uploaded; undefined after a reload, when the server has it. */
  source: Blob | undefined
  state: 'waiting' | 'sending' | 'done' | 'failed'
  /** How many bytes have left. */
  sent: number
  /** Why it failed, or why it has to wait. */
  error: ApiError | undefined
  /** What the server made of it. */
  file: SharedFile | undefined
  /** Where the server keeps what came of it, when it goes on from there. */
  address: string | undefined
}

export interface UploadQueueOptions {
  clock: Clock
  send(source: Blob, name: string, told: (bytes: number) => void, place: Place): Sending
  /** Whether there is a network to upload through. */
  online(): boolean
  /** The uploads of this composer are others now. */
  changed(key: string): void
  /** What came of this one is kept by the server at its address from now on. */
  found(item: Upload, address: string): void
  /** What came and is kept there is not needed any more. */
  letGo(address: string): void
}

/** So many are uploaded side by side. */
const AT_ONCE = 3
const PAUSE_MS = 2_000
/** So often is tried what may work the next time. */
const MOST_TRIES = 5
/** Whoever has to wait longer is asked whether to try again. */
const LONGEST_WAIT_MS = 60_000
/** What goes by itself. */
const PASSING = new Set(['unreachable', 'busy', 'rate_limited', 'unavailable', 'maintenance', 'upload_locked', 'upload_offset'])
/** What will be the same however often it is tried. */
const FINAL = new Set(['file_too_large', 'file_type_refused', 'file_damaged', 'file_empty', 'too_many_pixels', 'invalid'])

export const mayRetry = (upload: Upload) => upload.state === 'failed' && !!upload.source && !FINAL.has(upload.error?.code ?? '')

/** Uploads what is attached: some at once, again when the network was lost, and each until it is taken out. */
export class UploadQueue {
  private readonly items = new Map<string, Upload>()
  private readonly running = new Map<string, Sending>()
  private readonly tries = new Map<string, number>()
  /** What ends the pauses before another try. */
  private readonly pauses = new Map<string, () => void>()

  constructor(private readonly options: UploadQueueOptions) {}

  of(key: string): Upload[] {
    return [...this.items.values()].filter((item) => item.key === key)
  }

  add(item: Upload): void {
    this.items.set(item.id, item)
    this.options.changed(item.key)
    this.pump()
  }

  /** Takes one out, wherever it is on its way. */
  remove(id: string): Upload | undefined {
    const item = this.items.get(id)
    if (!item) return undefined
    this.items.delete(id)
    this.forget(id)
    this.running.get(id)?.abort()
    if (item.address && item.state !== 'done') this.options.letGo(item.address)
    this.options.changed(item.key)
    return item
  }

  retry(id: string): void {
    this.forget(id)
    this.wait(id, undefined)
    this.pump()
  }

  /** There is a network again: what waits for it goes on, from where it stopped if the server kept what came. */
  resume(): void {
    for (const id of [...this.pauses.keys()]) this.forget(id)
    this.pump()
  }

  /** Lets go of all here; what came of them stays at the server, for whoever goes on with it. */
  stop(): void {
    for (const id of [...this.items.keys()]) {
      this.change(id, { address: undefined })
      this.remove(id)
    }
  }

  private forget(id: string): void {
    this.tries.delete(id)
    this.pauses.get(id)?.()
    this.pauses.delete(id)
  }

  private change(id: string, how: Partial<Upload>): void {
    const item = this.items.get(id)
    if (!item) return
    this.items.set(id, { ...item, ...how })
    this.options.changed(item.key)
  }

  /** It goes on later: from where it stopped, or from its beginning. */
  private wait(id: string, error: ApiError | undefined): void {
    const item = this.items.get(id)
    if (item) this.change(id, { state: 'waiting', sent: item.address ? item.sent : 0, error })
  }

  private found(id: string, address: string): void {
    const item = this.items.get(id)
    if (!item) return this.options.letGo(address)
    this.change(id, { address })
    this.options.found(item, address)
  }

  private pump(): void {
    if (!this.options.online()) return
    for (const item of [...this.items.values()]) {
      if (this.running.size >= AT_ONCE) return
      if (item.state === 'waiting' && item.source && !this.pauses.has(item.id)) void this.run(item, item.source)
    }
  }

  private async run({ id, name, address, sent }: Upload, source: Blob): Promise<void> {
    const told = (bytes: number) => this.change(id, { sent: Math.min(bytes, source.size) })
    const sending = this.options.send(source, name, told, { address, found: (address) => this.found(id, address) })
    this.running.set(id, sending)
    this.change(id, { state: 'sending', sent, error: undefined })
    try {
      this.change(id, { state: 'done', sent: source.size, file: await sending.done })
      this.forget(id)
    } catch (thrown) {
      this.failed(id, asApiError(thrown))
    } finally {
      this.running.delete(id)
      this.pump()
    }
  }

  private failed(id: string, error: ApiError): void {
    if (!this.items.has(id)) return
    // What a lost network interrupts is no try: it goes on when there is one.
    if (error.unreachable && !this.options.online()) return this.wait(id, error)
    const tries = (this.tries.get(id) ?? 0) + 1
    const wait = error.retryAfterMs ?? PAUSE_MS * tries
    if (!PASSING.has(error.code) || tries >= MOST_TRIES || wait > LONGEST_WAIT_MS) {
      this.tries.delete(id)
      return this.change(id, { state: 'failed', error })
    }
    this.tries.set(id, tries)
    this.pauses.set(
      id,
      this.options.clock.after(wait, () => {
        this.pauses.delete(id)
        this.pump()
      }),
    )
    this.wait(id, error)
  }
}
