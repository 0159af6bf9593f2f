import { ref } from 'vue'
import { isCommand } from '@/ui/keys'

/** With which key a message is sent; with the other one a new line begins. */
export type SendKey = 'enter' | 'ctrl_enter'
export const SEND_KEYS: SendKey[] = ['enter', 'ctrl_enter']

const KEY = 'parlor.send_with'

function stored(): SendKey {
  try {
    return localStorage.getItem(KEY) === 'ctrl_enter' ? 'ctrl_enter' : 'enter'
  } catch {
    // Storage is blocked: Enter sends.
    return 'enter'
  }
}

const sendKey = ref<SendKey>(stored())

/** Whether a key sends what is written. An Enter that ends the composition of a character is not meant for us. */
export function sends(event: KeyboardEvent, key: SendKey = sendKey.value): boolean {
  if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.isComposing) return false
  return key === 'enter' || isCommand(event)
}

/** The key in use. The choice holds for this browser: keyboards differ from one device to another. */
export function useSendKey() {
  function choose(next: SendKey): void {
    sendKey.value = next
    try {
      if (next === 'enter') localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, next)
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }
  return { sendKey, choose }
}
