import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { answer, api } from '@/api/client'
import type { Reaction, Uuid } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { withWish } from './reactions'
import { useTimelines } from './timelines'

interface Wish {
  message: Uuid
  emoji: string
  wanted: boolean
}

/** One's own reactions, shown before the server has answered. A refusal takes them back. */
export const useReacting = defineStore('reacting', () => {
  const session = useSession()
  const timelines = useTimelines()
  const wishes = shallowReactive(new Map<string, Wish>())
  const asking = new Set<string>()

  function shown(message: Uuid, reactions: Reaction[]): Reaction[] {
    const own = [...wishes.values()].filter((wish) => wish.message === message)
    return own.reduce((list, { emoji, wanted }) => withWish(list, emoji, session.myId, wanted), reactions)
  }

  /** Throws what the server says against it. The last wish counts when there are several in a row. */
  async function react(message: Uuid, emoji: string, wanted: boolean): Promise<void> {
    const key = `${message} ${emoji}`
    wishes.set(key, { message, emoji, wanted })
    if (asking.has(key)) return
    asking.add(key)
    try {
      let asked: boolean | undefined
      while (asked !== wishes.get(key)?.wanted) {
        asked = wishes.get(key)!.wanted
        const params = { path: { id: message, emoji } }
        const request = asked
          ? api.PUT('/messages/{id}/reactions/{emoji}', { params })
          : api.DELETE('/messages/{id}/reactions/{emoji}', { params })
        timelines.applyMessage(await answer(request))
      }
    } finally {
      asking.delete(key)
      wishes.delete(key)
    }
  }

  return { shown, react }
})
