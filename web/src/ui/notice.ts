import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

const SHOWN_MS = 6_000

/** One line about what was just done or could not be done; it goes by itself. */
export const useNotice = defineStore('notice', () => {
  const current = shallowRef<{ kind: 'info' | 'danger'; text: string }>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function show(kind: 'info' | 'danger', text: string): void {
    clearTimeout(timer)
    current.value = { kind, text }
    timer = setTimeout(close, SHOWN_MS)
  }

  function close(): void {
    clearTimeout(timer)
    current.value = undefined
  }

  const tell = (text: string) => show('info', text)
  const warn = (text: string) => show('danger', text)
  return { current, tell, warn, close }
})
