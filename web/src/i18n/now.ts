import { onScopeDispose, readonly, ref } from 'vue'

const EVERY_MS = 15_000
const now = ref(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The present moment, for what is shown until it ends. One clock for everybody who looks at it. */
export function useIntervalNow() {
  if (users++ === 0) {
    now.value = Date.now()
    timer = setInterval(() => (now.value = Date.now()), EVERY_MS)
  }
  onScopeDispose(() => {
    if (--users === 0) clearInterval(timer)
  })
  return readonly(now)
}
