import { reactive, ref, shallowRef, watch } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { OwnFile, Uuid } from '@/api/types'

export const ORDERS = ['newest', 'largest'] as const
export type FileOrder = (typeof ORDERS)[number]

/** What one uploaded, page by page, and the room that it takes. */
export function useOwnFiles() {
  const order = ref<FileOrder>('newest')
  const files = shallowRef<OwnFile[]>()
  const usage = shallowRef<{ used: number; quota: number }>()
  const next = ref<string | null>(null)
  const error = shallowRef<ApiError>()
  const busy = ref(false)
  const chosen = reactive(new Set<Uuid>())
  /** Counts the loads, so that only the answer to the latest is shown. */
  let loads = 0

  async function load(after?: string): Promise<void> {
    const mine = ++loads
    busy.value = true
    try {
      const query = { order: order.value, ...(after && { after }) }
      const page = await answer(api.GET('/users/me/files', { params: { query } }))
      if (mine !== loads) return
      files.value = after ? [...(files.value ?? []), ...page.items] : page.items
      usage.value = { used: page.used_bytes, quota: page.quota_bytes }
      next.value = page.next
      error.value = undefined
    } catch (thrown) {
      if (mine === loads) error.value = asApiError(thrown)
    } finally {
      if (mine === loads) busy.value = false
    }
  }

  const more = () => load(next.value ?? undefined)

  function choose(id: Uuid, now: boolean): void {
    if (now) chosen.add(id)
    else chosen.delete(id)
  }

  /** Removes files one after the other; those that are gone already are gone. */
  async function remove(ids: Uuid[]): Promise<void> {
    for (const id of ids) {
      try {
        await answer(api.DELETE('/files/{id}', { params: { path: { id } } }))
      } catch (thrown) {
        if (asApiError(thrown).code !== 'not_found') throw thrown
      }
      chosen.delete(id)
      const gone = files.value?.find((one) => one.file.id === id)
      files.value = files.value?.filter((one) => one !== gone)
      if (gone && usage.value) usage.value = { ...usage.value, used: Math.max(0, usage.value.used - gone.counted_bytes) }
    }
    if (files.value?.length === 0) await load()
  }

  watch(order, () => {
    chosen.clear()
    void load()
  })
  void load()

  return { order, files, usage, next, error, busy, chosen, load, more, choose, remove }
}
