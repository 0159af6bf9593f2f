import { computed, onScopeDispose, ref, watch } from 'vue'

/** Longer than that a timer of the browser cannot wait. */
const LONGEST_MS = 2 ** 31 - 1

/** Until when somebody may not write, from what the server said; null as soon as it has ended. */
export function useMuted(until: () => string | null | undefined) {
  const now = ref(Date.now())
  let timer: ReturnType<typeof setTimeout> | undefined
  const muted = computed(() => {
    const end = until()
    return end && Date.parse(end) > now.value ? end : null
  })

  function look(): void {
    clearTimeout(timer)
    now.value = Date.now()
    if (muted.value) timer = setTimeout(look, Math.min(Date.parse(muted.value) - now.value, LONGEST_MS))
  }

  watch(until, look, { immediate: true })
  onScopeDispose(() => clearTimeout(timer))
  return muted
}
