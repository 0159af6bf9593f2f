import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { SharedFile, Uuid } from '@/api/types'

/** The message that the composer is about: the one that is answered, or the one that is edited. */
export interface Subject {
  mode: 'reply' | 'edit'
  id: Uuid
  author: Uuid | null
  body: string
  files: SharedFile[]
}

/** What the composers are about, per conversation; a plain new message is about nothing. */
export const useComposing = defineStore('composing', () => {
  const byConversation = shallowReactive(new Map<Uuid, Subject>())
  const begin = (conversation: Uuid, subject: Subject) => void byConversation.set(conversation, subject)
  const end = (conversation: Uuid) => void byConversation.delete(conversation)
  const clear = () => byConversation.clear()
  return { byConversation, begin, end, clear }
})
