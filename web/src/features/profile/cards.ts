import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Uuid } from '@/api/types'

/** Whose card is shown, and what was clicked to see it. */
export const useCards = defineStore('cards', () => {
  const current = shallowRef<{ user: Uuid; anchor: HTMLElement } | null>(null)

  function open(user: Uuid | null | undefined, event: Event): void {
    if (user) current.value = { user, anchor: event.currentTarget as HTMLElement }
  }
  const close = () => void (current.value = null)

  return { current, open, close }
})
