import { onScopeDispose, shallowRef } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { Overview } from '@/api/types'

/** How often it is asked again how the server is doing, while somebody looks. */
const EVERY_MS = 5_000

/** How the server is doing, as long as the page that uses it is open. */
export function useOverview() {
  const overview = shallowRef<Overview>()
  const error = shallowRef<ApiError>()

  async function look(): Promise<void> {
    try {
      overview.value = await answer(api.GET('/admin/overview'))
      error.value = undefined
    } catch (thrown) {
      // What was told last stays, and that it is old is said beside it.
      error.value = asApiError(thrown)
    }
  }

  const lookIfSeen = () => void (document.visibilityState === 'visible' && look())
  const timer = setInterval(lookIfSeen, EVERY_MS)
  document.addEventListener('visibilitychange', lookIfSeen)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', lookIfSeen)
  })
  void look()
  return { overview, error }
}
