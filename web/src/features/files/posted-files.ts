import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { Entry, FileKind, PostedFile, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { useConnection } from '@/features/connection/connection'
import { useTimelines } from '@/features/messages/timelines'
import { merged, postedWith, stays } from './posted'

const PAGE = 50

/** The files of a conversation, the newest first, and how that changes. */
export function usePostedFiles(conversation: Uuid) {
  const users = useUsers()
  const timelines = useTimelines()
  const connection = useConnection()
  const kind = ref<FileKind>()
  const loaded = shallowRef<PostedFile[]>()
  const next = ref<string | null>(null)
  const error = shallowRef<ApiError>()
  const busy = ref(false)
  /** What was told since the panel is open: a page may have been read before. */
  const told = shallowRef<Entry[]>([])
  /** Counts the loads, so that only the answer to the latest is shown. */
  let loads = 0

  const fits = (one: PostedFile) => !kind.value || one.file.kind === kind.value
  const files = computed(() => {
    if (!loaded.value) return undefined
    const fresh = told.value.flatMap(postedWith).filter(fits)
    const targets = told.value.flatMap((entry) => entry.target ?? [])
    return merged(loaded.value, fresh).filter((one) => targets.every((target) => stays(one, target)))
  })

  async function load(before?: string): Promise<void> {
    const mine = ++loads
    busy.value = true
    try {
      const query = { limit: PAGE, ...(kind.value && { kind: kind.value }), ...(before && { before }) }
      const page = await answer(api.GET('/conversations/{id}/files', { params: { path: { id: conversation }, query } }))
      if (mine !== loads) return
      users.need(page.items.map((one) => one.author))
      loaded.value = before ? [...(loaded.value ?? []), ...page.items] : page.items
      next.value = page.next
      error.value = undefined
    } catch (thrown) {
      if (mine === loads) error.value = asApiError(thrown)
    } finally {
      if (mine === loads) busy.value = false
    }
  }

  async function more(): Promise<void> {
    if (next.value && !busy.value) await load(next.value)
  }

  watch(kind, () => {
    loaded.value = undefined
    next.value = null
    void load()
  })
  onScopeDispose(
    timelines.onEntry((entry) => {
      if (entry.conversation === conversation && (entry.target || entry.message?.files)) told.value = [...told.value, entry]
    }),
  )
  // What happened while one was away for long is not told of one by one.
  watch(
    () => connection.state.name,
    (name) => name === 'ready' && void load(),
  )
  void load()

  return { kind, files, next, error, busy, load, more }
}
