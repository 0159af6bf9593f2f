import { asApiError } from '@/api/client'
import { ApiError } from '@/api/problem'
import type { SharedFile } from '@/api/types'
import type { Clock } from '@/realtime/clock'
import type { Place } from './resuming'
import type { Sending } from './transport'
import { isPutTogether, pauseToAsk, pauseToTry } from './tries'

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
  send(source: Blob, name: string, told: (bytes: number) => void, place: Place, drawn: (poster: Blob) => void): Sending
  /** Whether there is a network to upload through. */
  online(): boolean
  /** The uploads of this composer are others now. */
  changed(key: string): void
  /** What came of this one is kept by the server at its address from now on. */
  found(item: Upload, address: string): void
  /** What came and is kept there is not needed any more. */
  letGo(address: string): void
  /** A film has a picture now. */
  drawn(id: string, poster: Blob): void
  /** Somebody took out what was uploaded already. */
  discarded(file: SharedFile): void
}

/** So many are uploaded side by side. */
const AT_ONCE = 3
/** What will be the same however often it is tried. */
const FINAL = new Set(['file_too_large', 'file_type_refused', 'file_damaged', 'file_empty', 'too_many_pixels', 'invalid'])

export const mayRetry = (upload: Upload) => upload.state === 'failed' && !!upload.source && !FINAL.has(upload.error?.code ?? '')

/** Uploads what is attached: some at once, again when the network was lost, and each until it is taken out. */
export class UploadQueue {
  private readonly items = new Map<string, Upload>()
  private readonly running = new Map<string, Sending>()
  private readonly tries = new Map<string, number>()
  /** How often the server was asked whether it has put a file together. */
  private readonly asks = new Map<string, number>()
  /** Those that were taken out while they were on their way. */
  private readonly unwanted = new Set<string>()
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

  /** Takes one out that is not to be sent, wherever it is on its way. Nothing of it stays at the server. */
  remove(id: string): void {
    const item = this.items.get(id)
    if (!item) return
    if (this.running.has(id)) this.unwanted.add(id)
    this.release(id)
    if (item.file) this.options.discarded(item.file)
    else if (item.address) this.options.letGo(item.address)
  }

  /** Takes one out; what came of it stays at the server. */
  release(id: string): void {
    const item = this.items.get(id)
    if (!item) return
    this.items.delete(id)
    this.forget(id)
    this.running.get(id)?.abort()
    this.options.changed(item.key)
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
    for (const id of [...this.items.keys()]) this.release(id)
  }

  private forget(id: string): void {
    this.tries.delete(id)
    this.asks.delete(id)
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
    const drawn = (poster: Blob) => {
      if (this.items.has(id)) this.options.drawn(id, poster)
    }
    const sending = this.options.send(source, name, told, { address, found: (address) => this.found(id, address) }, drawn)
    this.running.set(id, sending)
    this.change(id, { state: 'sending', sent, error: undefined })
    try {
      const file = await sending.done
      // It was there before it could be stopped.
      if (this.unwanted.has(id)) this.options.discarded(file)
      this.change(id, { state: 'done', sent: source.size, file })
      this.forget(id)
    } catch (thrown) {
      this.failed(id, asApiError(thrown))
    } finally {
      this.running.delete(id)
      this.unwanted.delete(id)
      this.pump()
    }
  }

  private failed(id: string, error: ApiError): void {
    const item = this.items.get(id)
    if (!item) return
    // What a lost network interrupts is no try: it goes on when there is one.
    if (error.unreachable && !this.options.online()) return this.wait(id, error)
    const asks = isPutTogether(item, error)
    const counted = asks ? this.asks : this.tries
    const times = (counted.get(id) ?? 0) + 1
    const wait = asks ? pauseToAsk(times) : pauseToTry(item, error, times)
    if (wait === undefined) {
      this.forget(id)
      return this.change(id, { state: 'failed', error })
    }
    counted.set(id, times)
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
