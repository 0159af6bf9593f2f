import { ref, shallowRef, watch } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { Entry, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { useTimelines } from './timelines'

const PAGE = 50

/** The pinned messages of a conversation, the latest pinned first, and how that changes. */
export function usePins(conversation: Uuid) {
  const users = useUsers()
  const timelines = useTimelines()
  const pins = shallowRef<Entry[]>()
  const next = ref<string | null>(null)
  const error = shallowRef<ApiError>()
  /** Counts the loads, so that only the answer to the latest is shown. */
  let loads = 0

  async function load(after?: string): Promise<void> {
    const mine = ++loads
    try {
      const query = { limit: PAGE, ...(after ? { after } : {}) }
      const page = await answer(api.GET('/conversations/{id}/pins', { params: { path: { id: conversation }, query } }))
      if (mine !== loads) return
      users.need(page.items.map((entry) => entry.actor))
      pins.value = after ? [...(pins.value ?? []), ...page.items] : page.items
      next.value = page.next
      error.value = undefined
    } catch (thrown) {
      if (mine === loads) error.value = asApiError(thrown)
    }
  }

  const concerns = (change: Entry) =>
    change.kind === 'pin' || pins.value?.some((entry) => entry.seq === change.target?.seq)

  watch(
    () => timelines.lastChange,
    (change) => change?.conversation === conversation && concerns(change) && void load(),
  )
  void load()

  return { pins, next, error, load }
}
