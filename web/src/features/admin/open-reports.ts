import { defineStore } from 'pinia'
import { ref } from 'vue'
import { answer, api } from '@/api/client'

/** How many reports nobody has looked at yet, and how many messages wait for a decision. */
export const useOpenReports = defineStore('open-reports', () => {
  const open = ref(0)

  /** Asks again. Where that fails, the number stays as it was. */
  async function count(): Promise<void> {
    try {
      const counted = await answer(api.GET('/admin/reports/count'))
      open.value = counted.open + counted.held
    } catch {
      // The list itself says what is wrong.
    }
  }

  return { open, count }
})
