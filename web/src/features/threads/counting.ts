import type { Entry, Thread, Uuid } from '@/api/types'
import { withTold } from '@/features/messages/history'
import { threadOf } from './answers'

/** How one stands to a thread after an entry of its conversation. What it counts already changes nothing. */
export function withEntry(thread: Thread, entry: Entry, me: Uuid): Thread {
  const next = { ...thread, root: withTold(thread.root, entry) }
  const about = threadOf(entry)
  if (about?.root !== thread.root.message?.id || entry.seq <= thread.as_of) return next
  next.as_of = entry.seq
  if (entry.message) {
    // Whoever answers follows, and has read so far.
    if (entry.actor === me) return { ...next, following: true, read_seq: entry.seq, unread: 0 }
    if (thread.following && entry.seq > thread.read_seq) next.unread += 1
  } else if (entry.target && thread.following && entry.target.author !== me && entry.target.seq > thread.read_seq) {
    next.unread = Math.max(0, next.unread - 1)
  }
  return next
}

/** Those with something unread first, then the latest answered. */
export function inOrder(threads: Iterable<Thread>): Thread[] {
  const followed = [...threads].filter((thread) => thread.following && (thread.root.message?.replies?.count ?? 0) > 0)
  const at = (thread: Thread) => thread.root.message?.replies?.latest_at ?? ''
  return followed.sort((a, b) => Number(b.unread > 0) - Number(a.unread > 0) || at(b).localeCompare(at(a)))
}
