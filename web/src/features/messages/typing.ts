import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { Uuid } from '@/api/types'

const SHOWN_MS = 6_000

/** Who is writing where. It is forgotten six seconds after the last sign of it. */
export const useTyping = defineStore('typing', () => {
  const byConversation = shallowReactive(new Map<Uuid, Uuid[]>())
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  function started(conversation: Uuid, user: Uuid): void {
    const key = `${conversation} ${user}`
    clearTimeout(timers.get(key))
    timers.set(key, setTimeout(() => stopped(conversation, user), SHOWN_MS))
    const there = byConversation.get(conversation) ?? []
    if (!there.includes(user)) byConversation.set(conversation, [...there, user])
  }

  function stopped(conversation: Uuid, user: Uuid | null): void {
    const there = byConversation.get(conversation)
    if (!user || !there?.includes(user)) return
    const key = `${conversation} ${user}`
    clearTimeout(timers.get(key))
    timers.delete(key)
    byConversation.set(conversation, there.filter((id) => id !== user))
  }

  function clear(): void {
    timers.forEach((timer) => clearTimeout(timer))
    timers.clear()
    byConversation.clear()
  }

  return { byConversation, started, stopped, clear }
})
