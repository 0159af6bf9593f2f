import type { Uuid } from '@/api/types'
import type { Clock } from './clock'
import type { Position } from './frames'

const DELAY_MS = 200
const AT_ONCE = 64

/** Gathers acknowledgements: one frame a moment, at once before the server's window is used up. */
export class Acks {
  private readonly pending = new Map<Uuid, number>()
  private count = 0
  private cancel: (() => void) | undefined

  constructor(
    private readonly clock: Clock,
    private readonly send: (cursors: Position[]) => void,
  ) {}

  add(conversation: Uuid, seq: number): void {
    this.pending.set(conversation, seq)
    this.count += 1
    if (this.count >= AT_ONCE) this.flush()
    else this.cancel ??= this.clock.after(DELAY_MS, () => this.flush())
  }

  clear(): void {
    this.cancel?.()
    this.cancel = undefined
    this.pending.clear()
    this.count = 0
  }

  private flush(): void {
    const cursors = [...this.pending]
    this.clear()
    if (cursors.length > 0) this.send(cursors)
  }
}
