import { onBeforeUnmount } from 'vue'
import type { Ref } from 'vue'
import type { Conversation } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { useConnection } from '@/features/connection/connection'
import { useConversations } from '@/features/conversations/conversations'
import { mentions } from '@/features/notifications/attention'
import { isShown } from '@/features/threads/answers'
import type { Timeline } from './history'

const SETTLE_MS = 250

export interface Reading {
  conversation: () => Conversation
  timeline: () => Timeline | undefined
  /** The page is in front of the person, and the server can be told. */
  ready: () => boolean
  atEnd: () => boolean
}

/** Moves the read cursor to the last entry that is in view, once the view has come to rest. */
export function useReading(scroller: Ref<HTMLElement | null>, reading: Reading) {
  const connection = useConnection()
  const session = useSession()
  const conversations = useConversations()
  let timer: ReturnType<typeof setTimeout> | undefined

  function lastInView(): number {
    const el = scroller.value
    const entries = reading.timeline()?.entries
    if (!el || !entries) return 0
    if (reading.atEnd()) return entries.at(-1)?.seq ?? 0
    const bottom = el.getBoundingClientRect().bottom
    const rows = [...el.querySelectorAll<HTMLElement>('[data-seq]')]
    const seen = rows.findLast((row) => row.getBoundingClientRect().bottom <= bottom + 4)
    return Number(seen?.dataset.seq ?? 0)
  }

  function read(): void {
    timer = undefined
    if (!reading.ready()) return
    const c = reading.conversation()
    if (conversations.keptUnread.has(c.id)) return
    const seq = lastInView()
    if (seq <= c.read_seq) return
    const passed = (reading.timeline()?.entries ?? []).filter(
      (e) => e.message && isShown(e.message.thread) && !e.message.changes?.deleted_at && e.actor !== session.myId && e.seq > c.read_seq && e.seq <= seq,
    )
    const mentioning = passed.filter((e) => mentions(e.message, session.myId))
    const left = (count: number, fewer: number) => (seq >= c.last_seq ? 0 : Math.max(0, count - fewer))
    connection.read(c.id, seq, left(c.unread, passed.length), left(c.unread_mentions, mentioning.length))
  }

  function check(): void {
    timer ??= setTimeout(read, SETTLE_MS)
  }

  onBeforeUnmount(() => clearTimeout(timer))
  return { check }
}
