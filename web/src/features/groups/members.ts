import { ref, shallowRef, watch } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { Member, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { useTimelines } from '@/features/messages/timelines'

const PAGE = 100

/** Who is in a group, and how that changes. */
export function useMembers(group: Uuid) {
  const users = useUsers()
  const timelines = useTimelines()
  const members = shallowRef<Member[]>()
  const next = ref<string | null>(null)
  const error = shallowRef<ApiError>()
  let latest = 0
  let loading = 0

  /** Only the answer to the latest question counts; what comes next is known once the page before it is there. */
  async function load(after?: string): Promise<void> {
    if (after && loading > 0) return
    const mine = ++latest
    loading += 1
    try {
      const query = { limit: PAGE, ...(after ? { after } : {}) }
      const page = await answer(api.GET('/groups/{id}/members', { params: { path: { id: group }, query } }))
      if (mine !== latest) return
      users.put(page.items.map((member) => member.user))
      members.value = after ? [...(members.value ?? []), ...page.items] : page.items
      next.value = page.next
      error.value = undefined
    } catch (thrown) {
      if (mine === latest) error.value = asApiError(thrown)
    } finally {
      loading -= 1
    }
  }

  const add = (user: Uuid) => answer(api.PUT('/groups/{id}/members/{user}', { params: { path: { id: group, user } } }))
  const remove = (user: Uuid) => answer(api.DELETE('/groups/{id}/members/{user}', { params: { path: { id: group, user } } }))

  // Somebody came or went: an entry of the log says so.
  watch(
    () => timelines.byId.get(group)?.entries.findLast((entry) => entry.subject)?.seq,
    (now, before) => before !== undefined && now !== before && void load(),
  )
  void load()

  return { members, next, error, load, add, remove }
}
