import { onBeforeUnmount, onMounted, ref } from 'vue'

export const isAttending = () => document.visibilityState === 'visible' && document.hasFocus()

/** Whether the person has this page in front of them. */
export function useAttention() {
  const attending = ref(isAttending())
  const update = () => (attending.value = isAttending())
  onMounted(() => {
    document.addEventListener('visibilitychange', update)
    window.addEventListener('focus', update)
    window.addEventListener('blur', update)
    update()
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', update)
    window.removeEventListener('focus', update)
    window.removeEventListener('blur', update)
  })
  return attending
}
