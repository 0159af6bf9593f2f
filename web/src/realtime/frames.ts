// The frames of the stream, in both directions. Names are those of the wire.
import type { Account, Conversation, Cursor, Entry, Group, Presence, User, Uuid } from '@/api/types'

export type Position = [conversation: Uuid, seq: number]

export type ClientFrame =
  | { type: 'hello'; epoch?: string; cursors: Position[]; window?: number }
  | { type: 'message.send'; conversation: Uuid; client_id: Uuid; body: string; reply_to?: Uuid }
  | { type: 'ack'; cursors: Position[] }
  | { type: 'read'; conversation: Uuid; seq: number }
  | { type: 'typing'; conversation: Uuid }

export interface Ready {
  re: number
  type: 'ready'
  epoch: string
  session: string
  me: Account
  conversations: Conversation[]
  heartbeat_ms: number
  limits: { message_length?: number; typing_interval_ms?: number }
}

export interface Refusal {
  re: number
  type: 'error'
  code: string
  message: string
  retryable: boolean
  retry_after_ms?: number
}

export interface Sent {
  seq: number
  message_id: Uuid
  created_at: string
  duplicate: boolean
}

export type Ok = { re: number; type: 'ok' } & Partial<Sent>

export type ServerEvent =
  | ({ type: 'entry' } & Entry)
  | { type: 'reset'; conversation: Uuid; last_seq: number }
  | ({ type: 'cursor'; conversation: Uuid } & Cursor)
  | { type: 'conversation.added'; conversation: Conversation }
  | { type: 'conversation.changed'; conversation: Uuid; group: Group }
  | { type: 'conversation.removed'; conversation: Uuid }
  | { type: 'user.changed'; user: User }
  | { type: 'presence'; users: Presence[] }
  | { type: 'typing'; conversation: Uuid; user: Uuid }
  | { type: 'account.changed'; me: Account }
  | { type: 'bye'; code: number; reason: string; retry_after_ms?: number }

export type ServerFrame = Ready | Ok | Refusal | ServerEvent

/** The server said no to a command, or the connection ended before it answered. */
export class CommandError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly retryable: boolean,
    readonly retryAfterMs?: number,
  ) {
    super(message)
  }
}

export const lost = () => new CommandError('connection_lost', '', true)

/** Close codes that end the matter: connecting again would end the same way. */
export const isFinal = (code: number) => code >= 4500 && code < 4600
