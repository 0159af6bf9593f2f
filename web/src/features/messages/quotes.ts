import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { answer, api } from '@/api/client'
import type { Entry, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { withChange } from './history'
import { useTimelines } from './timelines'

/** The messages that others answer. What is not in a timeline is fetched once; null is out of sight. */
export const useQuotes = defineStore('quotes', () => {
  const timelines = useTimelines()
  const users = useUsers()
  const fetched = shallowReactive(new Map<Uuid, Entry | null>())
  const asked = new Set<Uuid>()
  /** Those that changed while they were on their way, and may have been read before. */
  const changed = new Set<Uuid>()

  function find(conversation: Uuid, id: Uuid): Entry | null | undefined {
    const there = timelines.byId.get(conversation)?.entries.find((e) => e.message?.id === id)
    return there ?? fetched.get(id)
  }

  async function need(conversation: Uuid, id: Uuid): Promise<void> {
    if (asked.has(id) || find(conversation, id) !== undefined) return
    asked.add(id)
    try {
      const entry = await fetchNow(id)
      users.need([entry.actor])
      fetched.set(id, entry)
    } catch {
      fetched.set(id, null)
    } finally {
      asked.delete(id)
    }
  }

  async function fetchNow(id: Uuid): Promise<Entry> {
    for (;;) {
      changed.delete(id)
      const entry = await answer(api.GET('/messages/{id}', { params: { path: { id } } }))
      if (!changed.delete(id)) return entry
    }
  }

  function applyEntry({ target }: Entry): void {
    if (!target) return
    if (asked.has(target.message_id)) changed.add(target.message_id)
    const known = fetched.get(target.message_id)
    if (known) fetched.set(target.message_id, withChange(known, target))
  }

  /** After a gap in what was heard nothing is known to be as it was. */
  function clear(): void {
    fetched.clear()
  }

  return { find, need, applyEntry, clear }
})
