import { useRouter } from 'vue-router'
import { answer, api } from '@/api/client'
import type { Uuid } from '@/api/types'
import { useConnection } from '@/features/connection/connection'

/** Opens the conversation with one person, making it when there is none yet. */
export function useDirect() {
  const router = useRouter()
  const connection = useConnection()
  return async (user: Uuid): Promise<void> => {
    const conversation = await answer(api.POST('/conversations/direct', { body: { user } }))
    connection.adopt(conversation)
    await router.push(`/c/${conversation.id}`)
  }
}
