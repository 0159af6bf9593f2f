import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'
import { answer, api } from '@/api/client'
import type { Entry, SavedMessage, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { withTold } from '@/features/messages/history'

const PAGE = 100

/** The messages one keeps, the latest saved first. There are a thousand at most, and all are here. */
export const useSaved = defineStore('saved', () => {
  const users = useUsers()
  const byId = shallowReactive(new Map<Uuid, SavedMessage>())
  const loaded = ref(false)
  const failed = ref(false)
  const list = computed(() => [...byId.values()].filter(({ entry }) => !entry.message?.changes?.deleted_at))
  let asked = 0

  async function all(): Promise<SavedMessage[]> {
    const found: SavedMessage[] = []
    let after: string | null | undefined
    do {
      const page = await answer(api.GET('/saved', { params: { query: { limit: PAGE, ...(after && { after }) } } }))
      found.push(...page.items)
      after = page.next
    } while (after)
    return found
  }

  /** Only the answer to the latest question counts. */
  async function load(): Promise<void> {
    const mine = ++asked
    failed.value = false
    try {
      const found = await all()
      if (mine !== asked) return
      byId.clear()
      for (const saved of found) byId.set(saved.entry.message!.id, saved)
      users.need(found.map(({ entry }) => entry.actor))
      loaded.value = true
    } catch {
      failed.value = true
    }
  }

  /** The server tells every device of it, this one too. */
  async function set(id: Uuid, wanted: boolean): Promise<void> {
    const params = { path: { id } }
    await answer(wanted ? api.PUT('/messages/{id}/saved', { params }) : api.DELETE('/messages/{id}/saved', { params }))
    if (!wanted) byId.delete(id)
    void load()
  }

  function applyEntry(entry: Entry): void {
    const saved = entry.target && byId.get(entry.target.message_id)
    if (saved) byId.set(entry.target!.message_id, { ...saved, entry: withTold(saved.entry, entry) })
  }

  function clear(): void {
    asked += 1
    byId.clear()
    loaded.value = false
  }

  return { byId, list, loaded, failed, load, set, applyEntry, clear }
})
