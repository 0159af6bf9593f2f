import { onBeforeUnmount, onMounted } from 'vue'
import { isCommand, isMac } from '@/ui/keys'

/** The keys, as screen readers are told of them. */
export const SEARCH_KEYS = isMac ? 'Meta+F' : 'Control+F'

/**
 * Opens the search by the keys with which browsers search a page: of a long conversation the page holds a part only.
 * In the search itself they are the browser's.
 */
export function useSearchKey(open: () => void): void {
  function pressed(event: KeyboardEvent): void {
    const wanted = isCommand(event) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'f'
    if (!wanted || document.querySelector('[role="dialog"], [role="alertdialog"]')) return
    const field = document.querySelector<HTMLInputElement>('[role="search"] input')
    if (field && field === document.activeElement) return
    event.preventDefault()
    if (!field) return open()
    field.focus()
    field.select()
  }

  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
