import { ref, shallowRef, watch } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { Role, User } from '@/api/types'
import { useUsers } from './users'

const PAUSE_MS = 200
const MOST = 30

/** The people of this server, found by what is typed. */
export function useDirectory() {
  const users = useUsers()
  const search = ref('')
  /** Only people with this role; all when it is empty. */
  const role = ref<Role | ''>('')
  const next = ref<string | null>(null)
  const found = shallowRef<User[]>()
  /** What those were searched by who were found last. */
  const foundBy = ref('')
  const error = shallowRef<ApiError>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0
  let loading = 0

  const wantedNow = () => ({ limit: MOST, ...(search.value.trim() && { search: search.value.trim() }), ...(role.value && { role: role.value }) })

  /** The next page of the same. */
  async function more(): Promise<void> {
    if (loading > 0) return
    const mine = ++latest
    loading += 1
    try {
      const page = await answer(api.GET('/users', { params: { query: { ...wantedNow(), after: next.value! } } }))
      if (mine !== latest) return
      users.put(page.items)
      found.value = [...(found.value ?? []), ...page.items]
      next.value = page.next
    } catch (thrown) {
      if (mine === latest) error.value = asApiError(thrown)
    } finally {
      loading -= 1
    }
  }

  async function look(): Promise<void> {
    const mine = ++latest
    loading += 1
    const wanted = search.value.trim()
    try {
      const page = await answer(api.GET('/users', { params: { query: wantedNow() } }))
      // An answer that comes after a later question is of no use.
      if (mine !== latest) return
      users.put(page.items)
      found.value = page.items.filter((user) => user.status === 'active')
      next.value = page.next
      foundBy.value = wanted
      error.value = undefined
    } catch (thrown) {
      if (mine === latest) error.value = asApiError(thrown)
    } finally {
      loading -= 1
    }
  }

  watch(role, look)
  watch(search, () => {
    clearTimeout(timer)
    timer = setTimeout(look, PAUSE_MS)
  })
  void look()

  return { more, next, role, search, found, foundBy, error, look }
}
