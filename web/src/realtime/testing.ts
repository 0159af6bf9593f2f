// A clock and a socket that tests move by hand.
import type { Clock } from './clock'
import type { Socket } from './client'

export class FakeClock implements Clock {
  private time = 1_000_000
  private timers: { at: number; run: () => void }[] = []

  now(): number {
    return this.time
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((t) => t !== timer)
    }
  }

  advance(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.timers = this.timers.filter((t) => t !== next)
      this.time = next.at
      next.run()
    }
    this.time = end
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into frames of every type
type Frame = Record<string, any>

export class FakeSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  readonly sent: Frame[] = []
  readonly readyState = 1
  closed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.closed = true
  }

  open(): void {
    this.onopen?.()
  }

  receive(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  drop(code: number, reason = ''): void {
    this.onclose?.({ code, reason })
  }

  all(type: string): Frame[] {
    return this.sent.filter((frame) => frame.type === type)
  }

  last(type: string): Frame {
    const frame = this.all(type).at(-1)
    if (!frame) throw new Error(`no ${type} was sent`)
    return frame
  }
}
