import { onBeforeUnmount, onMounted } from 'vue'
import { useDialogs } from '@/ui/dialogs'
import { commandKeys, isCommand } from '@/ui/keys'

/** How the keys are written where something tells of them. */
export const SWITCHER_KEYS = commandKeys('K')

/** Opens the quick switcher by its keys, and closes it again. Another dialog is left alone: something may be written there. */
export function useSwitcherKey(): void {
  const dialogs = useDialogs()

  function pressed(event: KeyboardEvent): void {
    const wanted = isCommand(event) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k'
    if (!wanted) return
    // The browser has another use for them.
    event.preventDefault()
    if (dialogs.current === 'switcher') return dialogs.close()
    if (!document.querySelector('[role="dialog"], [role="alertdialog"]')) dialogs.open('switcher')
  }

  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
