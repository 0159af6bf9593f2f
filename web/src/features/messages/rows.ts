import type { Changes, Cursor, Entry, Forwarded, InThread, Mentions, Replies, SharedFile, Uuid } from '@/api/types'
import { isShown } from '@/features/threads/answers'
import type { Outgoing } from '@/realtime/outbox'

export type Tick = 'sending' | 'failed' | 'sent' | 'delivered' | 'read'

export interface MessageRow {
  type: 'message'
  key: string
  /** Undefined until the message is in the log, like its id. */
  seq: number | undefined
  id: Uuid | undefined
  client_id: Uuid
  author: Uuid | null
  at: string
  body: string
  /** What was sent with it. */
  files: SharedFile[]
  /** Whom it mentions; undefined when it mentions nobody. */
  mentions: Mentions | undefined
  /** The message it answers. */
  reply_to: Uuid | null
  /** Whose words they are, when it was forwarded. */
  forwarded: Forwarded | undefined
  /** The thread about it; undefined while there is none, and within it. */
  replies: Replies | undefined
  /** The thread it was written in, where it is shown outside of it. */
  thread: InThread | undefined
  /** What was done with it since; undefined when nothing was. */
  changes: Changes | undefined
  /** The first of its author's messages within a minute carries the name and the time. */
  first: boolean
  tick: Tick | undefined
  refusal: string
  /** Whether the server keeps it until an admin has looked at it. */
  held: boolean
}

export type Row =
  | MessageRow
  | { type: 'system'; key: string; entry: Entry }
  | { type: 'day'; key: string; at: string }
  | { type: 'new'; key: string }

export interface RowsInput {
  entries: Entry[]
  outgoing: Outgoing[]
  me: Uuid
  /** Where the "new" line stands: before the first message by others beyond this seq. */
  newAfter: number | undefined
  /** The other person of a direct conversation. */
  peer: Cursor | null
  /** The thread that is laid out, by the message it is about; undefined for the conversation itself. */
  thread?: Uuid
}

/** Always the same one, so that rows without files are the same as before. */
const NONE: SharedFile[] = []

function tickOf(seq: number, peer: Cursor | null): Tick {
  if (peer && peer.read_seq >= seq) return 'read'
  if (peer && peer.delivered_seq >= seq) return 'delivered'
  return 'sent'
}

function fromEntry(entry: Entry, input: RowsInput): MessageRow {
  const mine = entry.actor === input.me
  const message = entry.message!
  return {
    type: 'message',
    key: `${entry.actor}:${message.client_id}`,
    seq: entry.seq,
    id: message.id,
    client_id: message.client_id,
    author: entry.actor,
    at: entry.created_at,
    body: message.body,
    files: message.files ?? NONE,
    mentions: message.mentions ?? undefined,
    reply_to: message.reply_to,
    forwarded: message.forwarded ?? undefined,
    replies: input.thread ? undefined : (message.replies ?? undefined),
    thread: input.thread ? undefined : (message.thread ?? undefined),
    changes: message.changes ?? undefined,
    first: true,
    tick: mine && !message.changes?.deleted_at ? tickOf(entry.seq, input.peer) : undefined,
    refusal: '',
    held: false,
  }
}

function fromOutgoing(item: Outgoing, input: RowsInput): MessageRow {
  const held = item.refusal?.code === 'held'
  const waiting = item.refusal && !held ? 'failed' : 'sending'
  return {
    type: 'message',
    // The same key as that of its entry, so that the row stays in place when the echo comes.
    key: `${item.user}:${item.client_id}`,
    seq: item.sent?.seq,
    id: item.sent?.message_id,
    client_id: item.client_id,
    author: item.user,
    at: item.sent?.created_at || item.created_at,
    body: item.body,
    files: item.files ?? NONE,
    mentions: undefined,
    reply_to: item.reply_to,
    forwarded: undefined,
    replies: undefined,
    thread: undefined,
    changes: undefined,
    first: true,
    tick: item.sent ? tickOf(item.sent.seq, input.peer) : waiting,
    refusal: item.refusal?.message ?? '',
    held,
  }
}

/** Whether what is on its way is shown here. */
function belongs(item: Outgoing, thread: Uuid | undefined): boolean {
  return thread ? item.thread?.root === thread : isShown(item.thread)
}

const dayOf = (iso: string) => new Date(iso).toDateString()
const minuteOf = (iso: string) => Math.floor(new Date(iso).getTime() / 60_000)

/** Lays out a conversation: messages grouped by author and minute, days, the "new" line, notices. */
export function buildRows(input: RowsInput): Row[] {
  const rows: Row[] = []
  let day = ''
  let lined = input.newAfter === undefined

  function push(row: MessageRow | { type: 'system'; key: string; entry: Entry }, at: string): void {
    if (dayOf(at) !== day) {
      day = dayOf(at)
      rows.push({ type: 'day', key: `day ${day}`, at })
    }
    const isNew = row.type === 'message' && !row.changes?.deleted_at && row.author !== input.me && (row.seq ?? 0) > (input.newAfter ?? 0)
    if (!lined && isNew) {
      lined = true
      rows.push({ type: 'new', key: 'new' })
    }
    const before = rows.at(-1)
    if (row.type === 'message' && before?.type === 'message') {
      row.first = before.author !== row.author || minuteOf(before.at) !== minuteOf(row.at)
    }
    rows.push(row)
  }

  const logged = new Set<Uuid>()
  for (const entry of input.entries) {
    if (entry.kind === 'message' && entry.message) {
      if (!input.thread && !isShown(entry.message.thread)) continue
      if (entry.actor === input.me) logged.add(entry.message.client_id)
      push(fromEntry(entry, input), entry.created_at)
    } else if (entry.kind !== 'message' && !entry.target) {
      push({ type: 'system', key: `seq ${entry.seq}`, entry }, entry.created_at)
    }
  }
  for (const item of input.outgoing) {
    if (logged.has(item.client_id) || !belongs(item, input.thread)) continue
    const row = fromOutgoing(item, input)
    push(row, row.at)
  }
  return rows
}

function isSame(a: Row, b: Row): boolean {
  const [one, other] = [Object.entries(a), b as unknown as Record<string, unknown>]
  return one.every(([key, value]) => other[key] === value)
}

/** The rows, with those in the place of their equals that were there before: what is the same is not drawn again. */
export function keepRows(before: Row[], now: Row[]): Row[] {
  const known = new Map(before.map((row) => [row.key, row]))
  return now.map((row) => {
    const old = known.get(row.key)
    return old && isSame(row, old) ? old : row
  })
}
