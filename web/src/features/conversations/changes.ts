import type { Conversation, Cursor, Entry, Group, Target, Uuid } from '@/api/types'
import { newerOf, withChange, withTold } from '@/features/messages/history'
import { isShown } from '@/features/threads/answers'
import { mentions } from '@/features/notifications/attention'

/** When something last happened in a conversation, for sorting. */
export function activityOf(c: Conversation): string {
  return c.last_message?.created_at ?? c.group?.created_at ?? ''
}

/** The conversation after an entry of its log. Entries it already counts change nothing. */
export function withEntry(c: Conversation, entry: Entry, me: Uuid): Conversation {
  if (entry.seq <= c.last_seq) return c
  const next = { ...c, last_seq: entry.seq }
  if (c.group) next.group = groupWith(c.group, entry)
  if (entry.subject === me) Object.assign(next, rightsOf(entry))
  if (entry.target) return withTarget(next, entry.target, me, entry.kind === 'deletion')
  if (entry.kind !== 'message') return next
  if (next.last_message) next.last_message = withTold(next.last_message, entry)
  if (!isShown(entry.message?.thread)) return next
  next.last_message = entry
  if (c.preferences.hidden) next.preferences = { ...c.preferences, hidden: false }
  if (entry.actor === me || entry.seq <= c.read_seq) return next
  next.unread = c.unread + 1
  if (mentions(entry.message, me)) next.unread_mentions = c.unread_mentions + 1
  return next
}

function withTarget(c: Conversation, target: Target, me: Uuid, deleted: boolean): Conversation {
  const next = { ...c, last_message: c.last_message && withChange(c.last_message, target) }
  const counted = deleted && target.author !== me && target.seq > c.read_seq && isShown(target.thread)
  if (counted) next.unread = Math.max(0, c.unread - 1)
  return next
}

/** Whether only the server knows after this entry how many unread messages mention one. */
export function blursMentions(c: Conversation, entry: Entry, me: Uuid): boolean {
  const { target } = entry
  if (!target || target.seq <= c.read_seq || target.author === me) return false
  if (entry.kind === 'deletion') return c.unread_mentions > 0
  return entry.kind === 'edit' && (c.unread_mentions > 0 || mentions(target, me))
}

/** The conversation with its last message in a newer state, if that is the one. */
export function withMessage(c: Conversation, message: Entry): Conversation {
  const last = c.last_message
  return last?.seq === message.seq ? { ...c, last_message: newerOf(last, message) } : c
}

/** What an entry about oneself says of what one may do from now on. */
function rightsOf(entry: Entry): Partial<Conversation> {
  if (entry.kind === 'role' && entry.role) return { role: entry.role }
  if (entry.kind === 'mute') return { muted_until: entry.until ?? null }
  return entry.kind === 'unmute' ? { muted_until: null } : {}
}

function groupWith(group: Group, entry: Entry): Group {
  switch (entry.kind) {
    case 'rename':
      return { ...group, name: entry.name ?? group.name }
    case 'archive':
      return { ...group, archived_at: entry.created_at }
    case 'unarchive':
      return { ...group, archived_at: null }
    case 'freeze':
      return { ...group, frozen_at: entry.created_at }
    case 'unfreeze':
      return { ...group, frozen_at: null }
    case 'description':
      return { ...group, description: entry.description ?? '' }
    case 'picture':
      return { ...group, picture: entry.picture ?? null }
    case 'visibility':
      return { ...group, visibility: entry.visibility ?? group.visibility }
    case 'join':
      return { ...group, member_count: group.member_count + 1 }
    case 'leave':
    case 'removal':
      return { ...group, member_count: group.member_count - 1 }
    default:
      return group
  }
}

/** The conversation after somebody's cursor moved. Cursors never move back. */
export function withCursor(c: Conversation, cursor: Cursor, me: Uuid): Conversation {
  if (cursor.user !== me) {
    if (c.peer_cursor && c.peer?.id !== cursor.user) return c
    const before = c.peer_cursor ?? { user: cursor.user, delivered_seq: 0, read_seq: 0 }
    if (c.kind !== 'direct') return c
    return {
      ...c,
      peer_cursor: {
        user: cursor.user,
        delivered_seq: Math.max(before.delivered_seq, cursor.delivered_seq),
        read_seq: Math.max(before.read_seq, cursor.read_seq),
      },
    }
  }
  const read_seq = Math.max(c.read_seq, cursor.read_seq)
  return {
    ...c,
    read_seq,
    delivered_seq: Math.max(c.delivered_seq, cursor.delivered_seq),
    unread: read_seq >= c.last_seq ? 0 : c.unread,
    unread_mentions: read_seq >= c.last_seq ? 0 : c.unread_mentions,
  }
}
