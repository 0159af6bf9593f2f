import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { components } from '@/api/schema'
import type { Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { withTold } from '@/features/messages/history'
import { useTimelines } from '@/features/messages/timelines'

export type Hit = components['schemas']['SearchHit']

const PAUSE_MS = 250
const PAGE = 30

/** What was found last, for those who come back from a hit. */
let latest: { key: string; hits: Hit[]; next: string | null; scrolled: number } | undefined

/** Finds messages while somebody types, the newest first, in one conversation or in all. */
export function useSearching(text: Readonly<Ref<string>>, conversation: Uuid | undefined) {
  const users = useUsers()
  const timelines = useTimelines()
  const hits = shallowRef<Hit[]>()
  const next = ref<string | null>(null)
  const error = shallowRef<ApiError>()
  const busy = ref(false)
  const wanted = computed(() => text.value.trim())
  /** Counts the searches, so that only the answer to the latest is shown. */
  let searches = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  /** What the hits were found by. */
  let shown: string | undefined

  const keyOf = (q: string) => `${conversation ?? ''} ${q}`

  async function load(after?: string): Promise<void> {
    clearTimeout(timer)
    const [mine, q] = [++searches, wanted.value]
    if (q === '') return
    busy.value = true
    try {
      const query = {
        q,
        limit: PAGE,
        utc_offset: -new Date().getTimezoneOffset(),
        ...(conversation ? { conversation } : {}),
        ...(after ? { after } : {}),
      }
      const page = await answer(api.GET('/search', { params: { query } }))
      if (mine !== searches) return
      users.need(page.items.map(({ entry }) => entry.actor))
      hits.value = after ? [...(hits.value ?? []), ...page.items] : page.items
      next.value = page.next
      shown = q
      error.value = undefined
      latest = { key: keyOf(q), hits: hits.value, next: page.next, scrolled: 0 }
    } catch (thrown) {
      if (mine === searches) error.value = asApiError(thrown)
    } finally {
      if (mine === searches) busy.value = false
    }
  }

  function begin(): void {
    clearTimeout(timer)
    searches += 1
    busy.value = false
    error.value = undefined
    if (wanted.value === '') {
      hits.value = undefined
      next.value = null
    } else {
      timer = setTimeout(() => void load(), PAUSE_MS)
    }
  }

  /** The next page of what is shown, which is not what was typed since. */
  const more = () => (next.value && !busy.value && !error.value && shown === wanted.value ? load(next.value) : undefined)

  watch(wanted, begin)
  // What is deleted meanwhile must not stay on the screen.
  watch(
    () => timelines.lastChange,
    (change) => {
      if (change?.kind !== 'deletion' && change?.kind !== 'file_removal') return
      const concerned = (hit: Hit) => hit.entry.conversation === change.conversation && hit.entry.seq === change.target?.seq
      if (change.kind === 'deletion') hits.value = hits.value?.filter((hit) => !concerned(hit))
      else hits.value = hits.value?.map((hit) => (concerned(hit) ? { ...hit, entry: withTold(hit.entry, change) } : hit))
    },
  )
  onScopeDispose(() => clearTimeout(timer))

  /** Where in the list whoever comes back left it, in pixels from its top. */
  const leftAt = () => (latest?.key === keyOf(wanted.value) ? latest.scrolled : 0)

  function leaveAt(scrolled: number): void {
    if (latest?.key === keyOf(wanted.value)) latest.scrolled = scrolled
  }

  if (latest && latest.key === keyOf(wanted.value)) {
    hits.value = latest.hits
    shown = wanted.value
    next.value = latest.next
  }
  // What came back from memory may have changed meanwhile; a page that was read on stays as it is.
  if (wanted.value !== '' && (hits.value?.length ?? 0) <= PAGE) void load()

  return { hits, next, error, busy, load, more, leftAt, leaveAt }
}
