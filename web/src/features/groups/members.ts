import { watch } from 'vue'
import { answer, api } from '@/api/client'
import { usePages } from '@/api/pages'
import type { Member, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { useTimelines } from '@/features/messages/timelines'

const PAGE = 100

/** Who is in a group, and how that changes. */
export function useMembers(group: Uuid) {
  const users = useUsers()
  const timelines = useTimelines()
  const { items: members, next, error, look, more } = usePages<Member>(
    (after) => answer(api.GET('/groups/{id}/members', { params: { path: { id: group }, query: { limit: PAGE, ...(after && { after }) } } })),
    (found) => users.put(found.map((member) => member.user)),
  )

  const add = (user: Uuid) => answer(api.PUT('/groups/{id}/members/{user}', { params: { path: { id: group, user } } }))
  const remove = (user: Uuid) => answer(api.DELETE('/groups/{id}/members/{user}', { params: { path: { id: group, user } } }))

  // Somebody came or went: an entry of the log says so.
  watch(
    () => timelines.byId.get(group)?.entries.findLast((entry) => entry.subject)?.seq,
    (now, before) => before !== undefined && now !== before && void look(),
  )

  return { members, next, error, look, more, add, remove }
}
