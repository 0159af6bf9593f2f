import type { Clock } from './clock'
import { CommandError, lost } from './frames'
import type { ClientFrame, Ok, Refusal } from './frames'

interface Waiting {
  resolve(ok: Ok): void
  reject(error: CommandError): void
  cancelTimeout(): void
}

/** Numbers the frames sent and matches each answer with the command it belongs to. */
export class Commands {
  private lastId = 0
  private readonly waiting = new Map<number, Waiting>()

  constructor(
    private readonly clock: Clock,
    private readonly write: (text: string) => void,
  ) {}

  /** `silent` is called when no answer came in time; the promise is then rejected too. */
  send(frame: ClientFrame, timeoutMs: number, silent: () => void): Promise<Ok> {
    const id = ++this.lastId
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.clock.after(timeoutMs, () => {
        this.waiting.delete(id)
        reject(lost())
        silent()
      })
      this.waiting.set(id, { resolve, reject, cancelTimeout })
      this.write(JSON.stringify({ id, ...frame }))
    })
  }

  answer(frame: Ok | Refusal): void {
    const command = this.waiting.get(frame.re)
    if (!command) return
    this.waiting.delete(frame.re)
    command.cancelTimeout()
    if (frame.type === 'ok') command.resolve(frame)
    else command.reject(new CommandError(frame.code, frame.message, frame.retryable, frame.retry_after_ms ?? undefined))
  }

  /** The connection is gone, and with it every answer that was still to come. */
  abandon(): void {
    const commands = [...this.waiting.values()]
    this.waiting.clear()
    for (const command of commands) {
      command.cancelTimeout()
      command.reject(lost())
    }
  }
}
