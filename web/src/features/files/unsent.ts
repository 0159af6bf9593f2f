import { answer, api } from '@/api/client'
import type { SharedFile } from '@/api/types'
import { useOutbox } from '@/features/messages/outbox'

/**
 * Removes a file that was uploaded and is not to be sent, so that it takes no more of the quota. It stays
 * when another page has sent it meanwhile, or is about to.
 */
export async function discardUnsent({ id }: SharedFile): Promise<void> {
  if (useOutbox().items.some((item) => item.files?.some((file) => file.id === id))) return
  try {
    await answer(api.DELETE('/files/{id}', { params: { path: { id }, query: { unsent: true } } }))
  } catch {
    // The server lets go of it by itself after a day.
  }
}
