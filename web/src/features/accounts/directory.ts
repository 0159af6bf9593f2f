import { ref, shallowRef, watch } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { User } from '@/api/types'
import { useUsers } from './users'

const PAUSE_MS = 200
const MOST = 30

/** The people of this server, found by what is typed. */
export function useDirectory() {
  const users = useUsers()
  const search = ref('')
  const found = shallowRef<User[]>()
  /** What those were searched by who were found last. */
  const foundBy = ref('')
  const error = shallowRef<ApiError>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0

  async function look(): Promise<void> {
    const mine = ++latest
    const wanted = search.value.trim()
    try {
      const query = { limit: MOST, ...(wanted ? { search: wanted } : {}) }
      const page = await answer(api.GET('/users', { params: { query } }))
      // An answer that comes after a later question is of no use.
      if (mine !== latest) return
      users.put(page.items)
      found.value = page.items.filter((user) => user.status === 'active')
      foundBy.value = wanted
      error.value = undefined
    } catch (thrown) {
      if (mine === latest) error.value = asApiError(thrown)
    }
  }

  watch(search, () => {
    clearTimeout(timer)
    timer = setTimeout(look, PAUSE_MS)
  })
  void look()

  return { search, found, foundBy, error, look }
}
