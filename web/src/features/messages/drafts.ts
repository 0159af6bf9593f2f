import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { Uuid } from '@/api/types'

/**
 * Text not sent yet, per conversation. It is written to localStorage with each keystroke, because
 * that is done before the page can go away; the person's id in the key keeps it from others.
 */
export const useDrafts = defineStore('drafts', () => {
  const byConversation = shallowReactive(new Map<Uuid, string>())
  let prefix = ''

  function start(user: Uuid): void {
    byConversation.clear()
    prefix = `parlor.draft.${user}.`
    try {
      for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) read(key)
    } catch {
      // Storage is blocked: drafts last as long as the page.
    }
  }

  function read(key: string): void {
    const text = localStorage.getItem(key)
    const conversation = key.slice(prefix.length)
    if (text) byConversation.set(conversation, text)
    else byConversation.delete(conversation)
  }

  function set(conversation: Uuid, text: string): void {
    if (text.trim()) byConversation.set(conversation, text)
    else byConversation.delete(conversation)
    try {
      if (text.trim()) localStorage.setItem(prefix + conversation, text)
      else localStorage.removeItem(prefix + conversation)
    } catch {
      // As above.
    }
  }

  return { byConversation, start, set }
})
