import { ref, shallowRef } from 'vue'
import { asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { Page } from '@/api/types'

/**
 * A list that is loaded page by page once somebody looks, and anew when something else is asked for.
 * `took` is told what came, unless it came too late.
 */
export function pagesOf<T>(load: (after: string | undefined) => Promise<Page<T>>, took: (items: T[]) => void = () => {}) {
  const items = shallowRef<T[]>()
  const next = ref<string | null>(null)
  const error = shallowRef<ApiError>()
  let latest = 0
  let loading = 0

  async function fetch(after: string | undefined): Promise<void> {
    // What comes next is known once the page before it is there.
    if (after && loading > 0) return
    const mine = ++latest
    loading += 1
    try {
      const page = await load(after)
      // An answer that comes after a later question is of no use.
      if (mine !== latest) return
      took(page.items)
      items.value = after ? [...(items.value ?? []), ...page.items] : page.items
      next.value = page.next
      error.value = undefined
    } catch (thrown) {
      if (mine === latest) error.value = asApiError(thrown)
    } finally {
      loading -= 1
    }
  }

  const look = () => fetch(undefined)
  const more = () => fetch(next.value ?? undefined)

  /** Loads the list anew after a change. What one of them has become is shown at once. */
  function refresh(changed?: T & { id: string }): Promise<void> {
    const isIt = (item: T) => (item as { id?: string }).id === changed?.id
    if (changed) items.value = items.value?.map((item) => (isIt(item) ? changed : item))
    return look()
  }

  /** Lets go of all of it; an answer that is on its way comes too late. */
  function forget(): void {
    latest += 1
    items.value = error.value = undefined
    next.value = null
  }

  return { items, next, error, look, more, refresh, forget }
}

/** The same for those who look at once. */
export function usePages<T>(...how: Parameters<typeof pagesOf<T>>) {
  const pages = pagesOf(...how)
  void pages.look()
  return pages
}
