import type { Changes, Conversation, Entry, History, Target } from '@/api/types'

/** So small that a short log has several pages. */
const PAGE = 4

export const PEOPLE = ['ana', 'ben', 'ioana']
export const WHERE = 'x'

interface Written {
  author: string
  body: string
  files: { id: string }[] | undefined
  changes: Changes | undefined
}

type ChangeKind = 'edit' | 'deletion' | 'reaction' | 'reaction_removal' | 'pin' | 'unpin' | 'file_removal'
type Query = { before?: number; after?: number; around?: number }

/** A conversation's log as the server keeps it: what was done, and what each message is like now. */
export class Log {
  private readonly kinds: { kind: 'message' | ChangeKind; actor: string; of: number }[] = []
  private readonly messages = new Map<number, Written>()
  /** Each entry as it was told when it happened. */
  readonly told: Entry[] = []

  get last(): number {
    return this.kinds.length
  }

  post(author: string): void {
    const seq = this.record('message', author, this.last + 1)
    this.messages.set(seq, { author, body: `text ${seq}`, files: [{ id: `f${seq}` }], changes: undefined })
    this.told.push(this.entry(seq))
  }

  /** Does something with the message that `pick` falls on, as far as the server would allow it. */
  change(kind: ChangeKind, actor: string, pick: number, emoji: string): void {
    const seqs = [...this.messages.keys()]
    const seq = seqs[pick % seqs.length]
    const message = this.messages.get(seq ?? 0)
    if (seq === undefined || !message || message.changes?.deleted_at || (kind === 'file_removal' && !message.files)) return
    const before = message.changes ?? { seq: 0, edited_at: null, deleted_at: null, pinned_at: null, reactions: [] }
    const place = this.record(kind, actor, seq)
    const changes = { ...before, seq: place }
    const others = before.reactions.filter((r) => r.emoji !== emoji)
    if (kind === 'edit') Object.assign(changes, { edited_at: `at ${place}` })
    if (kind === 'edit') message.body = `text ${place}`
    if (kind === 'file_removal') message.files = undefined
    if (kind === 'pin') changes.pinned_at = `at ${place}`
    if (kind === 'unpin') changes.pinned_at = null
    if (kind === 'reaction') changes.reactions = [...others, { emoji, users: [actor] }]
    if (kind === 'reaction_removal') changes.reactions = others
    if (kind === 'deletion') {
      Object.assign(changes, { deleted_at: `at ${place}`, pinned_at: null, reactions: [] })
      message.body = ''
      message.files = undefined
    }
    message.changes = changes
    this.told.push(this.entry(place))
  }

  private record(kind: 'message' | ChangeKind, actor: string, of: number): number {
    return this.kinds.push({ kind, actor, of })
  }

  /** An entry as it would be told now. */
  entry(seq: number): Entry {
    const { kind, actor, of } = this.kinds[seq - 1]!
    const { author, body, files, changes } = this.messages.get(of)!
    const common = { conversation: WHERE, seq, kind, actor, created_at: '' }
    if (kind === 'message') {
      const ids = { id: `m${seq}`, client_id: `c${seq}`, reply_to: null }
      return { ...common, message: { ...ids, body, ...(files && { files }), ...(changes && { changes }) } } as Entry
    }
    const whole = kind === 'edit' || kind === 'file_removal' || changes!.seq > seq
    const target = { seq: of, message_id: `m${of}`, author, changes, ...(whole && { body, ...(files && { files }) }) } as Target
    return { ...common, target }
  }

  page({ before, after, around }: Query): History {
    const from = after !== undefined ? after + 1 : around !== undefined ? around - PAGE / 2 : (before ?? this.last + 1) - PAGE
    const start = Math.max(1, from)
    const end = Math.min(this.last, from + PAGE - 1)
    const items = Array.from({ length: Math.max(0, end - start + 1) }, (_, i) => this.entry(start + i))
    return { items, has_older: start > 1, has_newer: end < this.last, last_seq: this.last }
  }

  lastMessage(): Entry | null {
    const seq = [...this.messages.keys()].at(-1)
    return seq === undefined ? null : this.entry(seq)
  }

  unread(me: string): number {
    return [...this.messages.values()].filter((m) => m.author !== me && !m.changes?.deleted_at).length
  }
}

export const conversation = (): Conversation =>
  ({ id: WHERE, kind: 'group', peer: null, peer_cursor: null, last_seq: 0, read_seq: 0, delivered_seq: 0, unread: 0, unread_mentions: 0, preferences: { level: 'all', silent_until: null, favourite: false, hidden: false }, last_message: null, group: null }) as unknown as Conversation
