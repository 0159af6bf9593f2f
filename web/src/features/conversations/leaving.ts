import { useRouter } from 'vue-router'
import type { Uuid } from '@/api/types'

/** Leads away from a conversation, unless one has gone elsewhere meanwhile. */
export function useLeaving() {
  const router = useRouter()
  return async (id: Uuid): Promise<void> => {
    if (router.currentRoute.value.params.id === id) await router.replace('/c')
  }
}
