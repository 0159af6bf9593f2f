import { computed, ref } from 'vue'
import type { Ref } from 'vue'
import type { Row } from './rows'

/**
 * Arrow keys between messages: one row of the list is reached by Tab, the others from there.
 * Escape leads back to the composer.
 */
export function useRoving(scroller: Ref<HTMLElement | null>, rows: Ref<Row[]>, leave: () => void) {
  const chosen = ref('')
  const reachable = computed(() => rows.value.filter((row) => row.type === 'message' || row.type === 'system'))
  const tabbable = computed(() =>
    reachable.value.some((row) => row.key === chosen.value) ? chosen.value : (reachable.value.at(-1)?.key ?? ''),
  )

  function goal(key: string, at: number): number | undefined {
    if (key === 'ArrowUp') return at - 1
    if (key === 'ArrowDown') return at + 1
    if (key === 'Home') return 0
    if (key === 'End') return reachable.value.length - 1
    return undefined
  }

  function onKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape') return leave()
    const focused = event.target as HTMLElement
    const at = reachable.value.findIndex((row) => row.key === focused.dataset.key)
    const next = at < 0 ? undefined : reachable.value[goal(event.key, at) ?? -1]
    if (!next) return
    event.preventDefault()
    chosen.value = next.key
    const rowsShown = scroller.value?.querySelectorAll<HTMLElement>('[data-key]') ?? []
    for (const element of rowsShown) if (element.dataset.key === next.key) element.focus()
  }

  return { tabbable, onKeydown }
}
