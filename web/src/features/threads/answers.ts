import type { Entry, InThread, Replies } from '@/api/types'

/** The most people that a message names of those who answered. */
const PEOPLE = 3

/** Whether a message is shown in its conversation: all but those that stay in their thread. */
export const isShown = (thread: Pick<InThread, 'broadcast'> | null | undefined) => !thread || thread.broadcast

/** The thread that an entry belongs to: that of a message, or of one that was deleted. */
export function threadOf(entry: Entry): InThread | undefined {
  return entry.message?.thread ?? (entry.kind === 'deletion' ? entry.target?.thread : undefined) ?? undefined
}

/** A message after an entry of the thread about it. One it counts already changes nothing. */
export function withAnswer(entry: Entry, told: Entry): Entry {
  const { message } = entry
  const thread = threadOf(told)
  if (!message || thread?.root !== message.id) return entry
  const before = message.replies ?? { count: 0, seq: 0, latest_at: told.created_at, people: [] }
  if (before.seq >= told.seq) return entry
  return { ...entry, message: { ...message, replies: next(before, told) } }
}

function next(before: Replies, told: Entry): Replies {
  if (!told.message) return { ...before, seq: told.seq, count: Math.max(0, before.count - 1) }
  const others = before.people.filter((person) => person !== told.actor)
  const people = (told.actor ? [told.actor, ...others] : others).slice(0, PEOPLE)
  return { count: before.count + 1, seq: told.seq, latest_at: told.created_at, people }
}

/** A message with what is known of its thread by either of two states. */
export function newerReplies(entry: Entry, other: Entry): Entry {
  const [mine, theirs] = [entry.message?.replies, other.message?.replies]
  if (!entry.message || !theirs || (mine?.seq ?? 0) >= theirs.seq) return entry
  return { ...entry, message: { ...entry.message, replies: theirs } }
}
