import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { answer, api } from '@/api/client'
import type { Entry, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { newerOf, withTold } from '@/features/messages/history'
import { useOutbox } from '@/features/messages/outbox'

const PAGE = 50

/** The messages of a thread on hand, up to its end. */
export interface ThreadTimeline {
  entries: Entry[]
  hasOlder: boolean
}

/** The messages of the threads that are open. */
export const useThreadHistory = defineStore('thread-history', () => {
  const users = useUsers()
  const outbox = useOutbox()
  const byRoot = shallowReactive(new Map<Uuid, ThreadTimeline>())
  const told = new Map<Uuid, Entry[]>()

  async function page(root: Uuid, before?: number): Promise<ThreadTimeline> {
    const since: Entry[] = []
    told.set(root, since)
    try {
      const params = { path: { id: root }, query: { limit: PAGE, ...(before && { before }) } }
      const found = await answer(api.GET('/messages/{id}/replies', { params }))
      users.need(found.items.map((entry) => entry.actor))
      const entries = found.items.map((entry) => since.reduce(withTold, entry))
      // The newest page may have been read before what was told meanwhile.
      if (before === undefined) for (const entry of since) add(entries, root, entry)
      return { entries, hasOlder: found.has_older }
    } finally {
      told.delete(root)
    }
  }

  function add(entries: Entry[], root: Uuid, entry: Entry): void {
    const last = entries.at(-1)?.seq ?? 0
    if (entry.message?.thread?.root === root && entry.seq > last) entries.push(entry)
  }

  async function open(root: Uuid): Promise<void> {
    byRoot.set(root, await page(root))
  }

  async function older(root: Uuid): Promise<void> {
    const now = byRoot.get(root)
    const first = now?.entries[0]?.seq
    if (!now || first === undefined || told.has(root)) return
    const before = await page(root, first)
    const kept = byRoot.get(root)?.entries ?? []
    byRoot.set(root, { entries: [...before.entries, ...kept], hasOlder: before.hasOlder })
  }

  function applyEntry(entry: Entry): void {
    for (const since of told.values()) since.push(entry)
    for (const [root, timeline] of byRoot) {
      const mine = entry.message?.thread?.root === root
      if (!mine && !timeline.entries.some((e) => e.seq === entry.target?.seq && e.conversation === entry.conversation)) continue
      const entries = timeline.entries.map((e) => withTold(e, entry))
      add(entries, root, entry)
      byRoot.set(root, { ...timeline, entries })
    }
    if (entry.message) outbox.settle([entry.message.client_id])
  }

  function applyMessage(message: Entry): void {
    for (const [root, timeline] of byRoot) {
      const entries = timeline.entries.map((e) => (e.seq === message.seq && e.conversation === message.conversation ? newerOf(e, message) : e))
      byRoot.set(root, { ...timeline, entries })
    }
  }

  const close = (root: Uuid) => void byRoot.delete(root)
  const clear = () => byRoot.clear()

  return { byRoot, open, older, close, applyEntry, applyMessage, clear }
})
