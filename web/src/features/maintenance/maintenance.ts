import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** What the server has to say during maintenance; null when there is none. */
export const useMaintenance = defineStore('maintenance', () => {
  const message = shallowRef<string | null>(null)
  return { message }
})
