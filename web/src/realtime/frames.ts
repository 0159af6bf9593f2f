// The frames of the stream under the names the page uses.
import type * as schema from './schema'

export type Position = schema.Position
export type Presence = schema.Presence
export type ServerFrame = schema.ServerFrame

/** A frame to be sent; the connection numbers it. */
export type ClientFrame = WithoutId<schema.ClientFrame>
type WithoutId<Frame> = Frame extends unknown ? Omit<Frame, 'id'> : never

type Frame<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>

export type Ready = Frame<'ready'>
export type PersonalChanged = Frame<'personal.changed'>
export type Refusal = Frame<'error'>
export type Ok = Frame<'ok'>
export type ServerEvent = Exclude<ServerFrame, Ready | Refusal | Ok>

/** The answer to a message that was stored. */
export type Sent = Omit<Extract<Ok, { message_id: string }>, 're' | 'type'>

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
