import type { Entry, History, Target } from '@/api/types'
import { newerReplies, withAnswer } from '@/features/threads/answers'

/** The part of a log that is held in memory, ascending and without gaps. */
export interface Timeline {
  entries: Entry[]
  hasOlder: boolean
  hasNewer: boolean
}

/** More than this is let go at the far end, so that a long history stays light. */
export const MOST = 400

const firstSeq = (t: Timeline) => t.entries[0]?.seq ?? Infinity
const lastSeq = (t: Timeline) => t.entries.at(-1)?.seq ?? 0

/** A timeline from a page. `last` is the newest seq known, which may be newer than the page. */
export function fromPage(page: History, last: number): Timeline {
  const end = page.items.at(-1)?.seq ?? page.last_seq
  return { entries: page.items, hasOlder: page.has_older, hasNewer: page.has_newer || end < last }
}

export function withOlder(t: Timeline, page: History): Timeline {
  const entries = [...page.items.filter((e) => e.seq < firstSeq(t)), ...t.entries]
  const kept = entries.slice(0, MOST)
  return { entries: kept, hasOlder: page.has_older, hasNewer: t.hasNewer || kept.length < entries.length }
}

export function withNewer(t: Timeline, page: History, last: number): Timeline {
  const entries = [...t.entries, ...page.items.filter((e) => e.seq > lastSeq(t))]
  const kept = entries.slice(-MOST)
  const end = kept.at(-1)?.seq ?? page.last_seq
  return {
    entries: kept,
    hasOlder: t.hasOlder || kept.length < entries.length,
    hasNewer: page.has_newer || end < last,
  }
}

/** A message after it was changed; other entries, and newer states of it, stay as they are. */
export function withChange(entry: Entry, target: Target): Entry {
  const { message } = entry
  if (!message || entry.seq !== target.seq) return entry
  const { changes } = target
  if ((message.changes?.seq ?? 0) >= changes.seq) return entry
  if (changes.deleted_at) return { ...entry, message: { ...message, body: '', files: undefined, mentions: undefined, changes } }
  const written = target.body == null ? {} : { body: target.body, files: target.files, mentions: target.mentions }
  return { ...entry, message: { ...message, ...written, changes } }
}

/** The newer of two states of a message. */
export function newerOf(before: Entry, now: Entry): Entry {
  const seqOf = (entry: Entry) => entry.message?.changes?.seq ?? 0
  return seqOf(now) > seqOf(before) ? newerReplies(now, before) : newerReplies(before, now)
}

/** A message after another entry of its log: one that changed it, or one in the thread about it. */
export function withTold(entry: Entry, told: Entry): Entry {
  const changed = told.target ? withChange(entry, told.target) : entry
  return withAnswer(changed, told)
}

/** A page with what was told while it was on its way: it may have been read before. */
export function upToDate(page: History, told: Entry[]): History {
  return { ...page, items: page.items.map((entry) => told.reduce(withTold, entry)) }
}

/** A message in a state that an answer brought. */
export function withState(timeline: Timeline, now: Entry): Timeline {
  return { ...timeline, entries: timeline.entries.map((e) => (e.seq === now.seq ? newerOf(e, now) : e)) }
}

/** A new entry of the stream. It is only added where the timeline reaches the end of the log. */
export function withLive(timeline: Timeline, entry: Entry): Timeline {
  const tells = entry.target || entry.message?.thread
  const t = tells ? { ...timeline, entries: timeline.entries.map((e) => withTold(e, entry)) } : timeline
  if (t.hasNewer || entry.seq <= lastSeq(t)) return t
  const entries = [...t.entries, entry]
  if (entries.length <= MOST * 1.5) return { ...t, entries }
  return { entries: entries.slice(-MOST), hasOlder: true, hasNewer: false }
}
