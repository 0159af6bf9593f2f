import { defineStore } from 'pinia'
import { ref } from 'vue'

export type DialogName =
  | 'message' | 'group' | 'rooms' | 'profile' | 'privacy' | 'security' | 'settings' | 'status' | 'sign-out'
  | 'notifications' | 'notification-settings' | 'switcher'

/** Which dialog is open. They are opened from several places and loaded when first needed. */
export const useDialogs = defineStore('dialogs', () => {
  const current = ref<DialogName | null>(null)
  const open = (name: DialogName) => void (current.value = name)
  const close = () => void (current.value = null)
  return { current, open, close }
})
