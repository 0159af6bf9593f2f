import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { answer, api } from '@/api/client'
import type { User, Uuid } from '@/api/types'
import type { Presence } from '@/realtime/frames'

const BATCH = 100
const GATHER_MS = 15
const MOST_REFRESHED = 500

/** The people this page has seen. Entries name people by id only; their profiles are fetched in batches. */
export const useUsers = defineStore('users', () => {
  const byId = shallowReactive(new Map<Uuid, User>())
  const wanted = new Set<Uuid>()
  const asked = new Set<Uuid>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function put(users: User[]): void {
    for (const user of users) byId.set(user.id, user)
  }

  /** Makes sure these people will be known soon. */
  function need(ids: Iterable<Uuid | null | undefined>): void {
    for (const id of ids) if (id && !byId.has(id) && !asked.has(id)) wanted.add(id)
    if (wanted.size > 0) timer ??= setTimeout(() => void fetchWanted(), GATHER_MS)
  }

  async function fetchWanted(): Promise<void> {
    timer = undefined
    const ids = [...wanted]
    wanted.clear()
    for (let at = 0; at < ids.length; at += BATCH) {
      const batch = ids.slice(at, at + BATCH)
      batch.forEach((id) => asked.add(id))
      try {
        const query = { ids: batch.join(','), limit: BATCH }
        const page = await answer(api.GET('/users', { params: { query } }))
        put(page.items)
      } catch {
        // They are asked for again the next time somebody needs them.
        batch.forEach((id) => asked.delete(id))
      }
    }
  }

  /** Asks again about those already known. */
  function refresh(): void {
    asked.clear()
    for (const id of [...byId.keys()].slice(-MOST_REFRESHED)) wanted.add(id)
    if (wanted.size > 0) timer ??= setTimeout(() => void fetchWanted(), GATHER_MS)
  }

  function setPresence(changes: Presence[]): void {
    for (const { user: id, state, last_seen_at } of changes) {
      const user = byId.get(id)
      if (user) byId.set(id, { ...user, presence: state, last_seen_at: last_seen_at ?? user.last_seen_at })
    }
  }

  function clear(): void {
    byId.clear()
    asked.clear()
    wanted.clear()
  }

  return { byId, put, need, refresh, setPresence, clear }
})
