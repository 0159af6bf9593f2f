import { answer, api } from '@/api/client'
import type { Conversation, Preferences } from '@/api/types'
import { useConversations } from '@/features/conversations/conversations'

/** Further away than anybody will look, for what is to last for good. */
export const FOR_GOOD = '9999-12-31T23:59:59.000Z'

/** The next morning, when most people begin their day. */
export function tomorrow(now = new Date()): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8).toISOString()
}

/** Changes how one treats a conversation: here at once, and taken back if the server refuses. */
export function usePreferences() {
  const conversations = useConversations()

  async function prefer(c: Conversation, changes: Partial<Preferences>): Promise<void> {
    const before = c.preferences
    const body = { ...before, ...changes }
    conversations.change(c.id, (now) => ({ ...now, preferences: body }))
    try {
      const params = { path: { id: c.id } }
      const fresh = await answer(api.PUT('/conversations/{id}/preferences', { params, body }))
      conversations.change(c.id, (now) => ({ ...now, preferences: fresh.preferences }))
    } catch (thrown) {
      conversations.change(c.id, (now) => ({ ...now, preferences: before }))
      throw thrown
    }
  }

  return { prefer }
}
