import type { Uuid } from '@/api/types'
import { Acks } from './acks'
import { backoff } from './backoff'
import type { Clock } from './clock'
import { Commands } from './commands'
import { CommandError, isFinal, lost } from './frames'
import type { ClientFrame, Ok, Position, Ready, ServerEvent, ServerFrame } from './frames'
import { Positions } from './positions'

/** What the client needs of a WebSocket. */
export interface Socket {
  readonly readyState: number
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number; reason: string }) => void) | null
}

export type ConnectionState =
  | { name: 'stopped' }
  | { name: 'connecting' }
  | { name: 'greeting' }
  | { name: 'ready' }
  /** `greeted` tells whether the failed connection had got as far as `ready`. */
  | { name: 'waiting'; until: number; greeted: boolean }
  | { name: 'ended'; code: number; reason: string }

export interface Listener {
  state(state: ConnectionState): void
  ready(ready: Ready): void
  event(event: ServerEvent): void
}

export interface Options {
  open: () => Socket
  clock: Clock
  random: () => number
  listener: Listener
}

const OPENING_MS = 15_000
const PROBE_MS = 15_000
const WAKING_PROBE_MS = 5_000
const WINDOW = 256
const OPEN = 1

/**
 * The stream's client: connects, says hello with what it already has, keeps every log without
 * gaps, acknowledges, and connects again when the connection is lost. It knows nothing of the page.
 */
export class RealtimeClient {
  private state: ConnectionState = { name: 'stopped' }
  private socket: Socket | undefined
  private epoch: string | undefined
  private attempt = 0
  private heartbeatMs = 25_000
  private heardAt = 0
  private bye: { code: number; reason: string; retry_after_ms?: number | null } | undefined
  private cancelTimer: (() => void) | undefined
  private cancelHeartbeat: (() => void) | undefined
  private readonly repositioning = new Set<Uuid>()
  private readonly positions = new Positions()
  private readonly commands: Commands
  private readonly acks: Acks

  constructor(private readonly options: Options) {
    this.commands = new Commands(options.clock, (text) => this.write(text))
    this.acks = new Acks(options.clock, (cursors) => this.quietly({ type: 'ack', cursors }))
  }

  start(): void {
    if (this.state.name === 'stopped' || this.state.name === 'ended') this.connect()
  }

  stop(): void {
    this.drop()
    this.enter({ name: 'stopped' })
  }

  /**
   * The network came or went, or the page became visible: find out now instead of later. The failures
   * before say nothing of how it is now, and a network is often told of a moment before it carries anything.
   */
  wake(): void {
    this.attempt = 0
    if (this.state.name === 'waiting') this.connect()
    else if (this.state.name === 'ready') this.probe(WAKING_PROBE_MS)
  }

  /** Follows a conversation that became known by other means than the stream. */
  follow(conversation: Uuid, lastSeq: number): void {
    if (this.positions.get(conversation) !== undefined) return
    this.positions.set(conversation, lastSeq)
    this.reposition([[conversation, lastSeq]])
  }

  /** Sends a command and waits for the server's answer to it. */
  request(frame: ClientFrame, timeoutMs = PROBE_MS): Promise<Ok> {
    if (this.state.name !== 'ready') return Promise.reject(lost())
    return this.command(frame, timeoutMs)
  }

  private command(frame: ClientFrame, timeoutMs: number): Promise<Ok> {
    const socket = this.socket
    // A server that does not answer is as good as gone.
    return this.commands.send(frame, timeoutMs, () => {
      if (socket === this.socket) this.lose(1006, '')
    })
  }

  /** A socket that is closing takes nothing more; its close event fails what waits for an answer. */
  private write(text: string): void {
    if (this.socket?.readyState === OPEN) this.socket.send(text)
  }

  /** For commands whose answer changes nothing here. */
  private quietly(frame: ClientFrame): void {
    this.request(frame).catch(() => {})
  }

  private connect(): void {
    this.drop()
    this.enter({ name: 'connecting' })
    const socket = this.options.open()
    this.socket = socket
    this.cancelTimer = this.options.clock.after(OPENING_MS, () => this.lose(1006, ''))
    socket.onopen = () => this.greet()
    socket.onmessage = (event) => this.receive(String(event.data))
    socket.onclose = (event) => this.lose(event.code, event.reason)
  }

  private greet(): void {
    this.enter({ name: 'greeting' })
    const [cursors = []] = this.positions.portions()
    const hello: ClientFrame = { type: 'hello', cursors, window: WINDOW }
    if (this.epoch !== undefined) hello.epoch = this.epoch
    this.command(hello, OPENING_MS).catch((error: CommandError) => {
      if (error.code !== 'connection_lost') this.lose(1006, error.message)
    })
  }

  private receive(text: string): void {
    this.heardAt = this.options.clock.now()
    const frame = JSON.parse(text) as ServerFrame
    if (frame.type === 'ready') this.welcome(frame)
    else if ('re' in frame) this.commands.answer(frame)
    else this.happen(frame)
  }

  private welcome(ready: Ready): void {
    const rest = this.positions.portions().slice(1)
    this.cancelTimer?.()
    this.attempt = 0
    this.epoch = ready.epoch
    this.heartbeatMs = ready.heartbeat_ms || this.heartbeatMs
    this.positions.adopt(ready.conversations)
    this.commands.answer({ re: ready.re, type: 'ok' })
    this.enter({ name: 'ready' })
    this.options.listener.ready(ready)
    for (const cursors of rest) this.reposition(cursors)
    this.listen()
  }

  private happen(event: ServerEvent): void {
    switch (event.type) {
      case 'entry':
        if (!this.advance(event.conversation, event.seq)) return
        break
      case 'reset':
        this.positions.set(event.conversation, event.last_seq)
        break
      case 'conversation.added':
        this.positions.raise(event.conversation.id, event.conversation.last_seq)
        break
      case 'conversation.removed':
        this.positions.delete(event.conversation)
        break
      case 'bye':
        this.bye = event
        break
    }
    this.options.listener.event(event)
  }

  /** True when the entry is the next one. One from beyond a gap makes the server stream again. */
  private advance(conversation: Uuid, seq: number): boolean {
    const have = this.positions.get(conversation)
    if (have === undefined || seq <= have || this.repositioning.has(conversation)) return false
    if (seq > have + 1) {
      this.reposition([[conversation, have]])
      return false
    }
    this.positions.set(conversation, seq)
    this.acks.add(conversation, seq)
    return true
  }

  private reposition(cursors: Position[]): void {
    for (const [id] of cursors) this.repositioning.add(id)
    const hello: ClientFrame = { type: 'hello', cursors, window: WINDOW }
    if (this.epoch !== undefined) hello.epoch = this.epoch
    const done = () => cursors.forEach(([id]) => this.repositioning.delete(id))
    this.request(hello).then(done, done)
  }

  /** Asks for a sign of life when the server has been silent for a heartbeat. */
  private listen(): void {
    this.cancelHeartbeat?.()
    this.cancelHeartbeat = this.options.clock.after(this.heartbeatMs, () => {
      if (this.options.clock.now() - this.heardAt >= this.heartbeatMs) this.probe(PROBE_MS)
      this.listen()
    })
  }

  private probe(timeoutMs: number): void {
    const known = this.positions.any()
    if (known) this.request({ type: 'ack', cursors: [known] }, timeoutMs).catch(() => {})
  }

  /** The connection is gone: wait and try again, or stop when the server said it is final. */
  private lose(code: number, reason: string): void {
    const greeted = this.state.name === 'ready'
    const bye = this.bye
    this.drop()
    const ending = bye?.code ?? code
    if (isFinal(ending)) {
      this.enter({ name: 'ended', code: ending, reason: bye?.reason ?? reason })
      return
    }
    const wait = (bye?.retry_after_ms ?? 0) + backoff(this.attempt, this.options.random)
    this.attempt += 1
    this.cancelTimer = this.options.clock.after(wait, () => this.connect())
    this.enter({ name: 'waiting', until: this.options.clock.now() + wait, greeted })
  }

  private drop(): void {
    this.cancelTimer?.()
    this.cancelHeartbeat?.()
    this.bye = undefined
    this.acks.clear()
    this.repositioning.clear()
    const socket = this.socket
    this.socket = undefined
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close()
    }
    this.commands.abandon()
  }

  private enter(state: ConnectionState): void {
    this.state = state
    this.options.listener.state(state)
  }
}
