import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { Entry, FileKind, PostedFile, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { useConnection } from '@/features/connection/connection'
import { useTimelines } from '@/features/messages/timelines'
import { concerns, followed, merged } from './posted'

const PAGE = 50

/** The files of a conversation, the newest first, and how that changes. */
export function usePostedFiles(conversation: Uuid) {
  const users = useUsers()
  const timelines = useTimelines()
  const connection = useConnection()
  const kind = ref<FileKind>()
  const files = shallowRef<PostedFile[]>()
  const next = ref<string | null>(null)
  const error = shallowRef<ApiError>()
  const busy = ref(false)
  /** What was told while a page is on its way, which may have been read before. */
  let told: Entry[] = []
  /** Counts the loads, so that only the answer to the latest is shown. */
  let loads = 0

  const fits = (one: PostedFile) => !kind.value || one.file.kind === kind.value

  async function load(before?: string): Promise<void> {
    const mine = ++loads
    busy.value = true
    try {
      const query = { limit: PAGE, ...(kind.value && { kind: kind.value }), ...(before && { before }) }
      const page = await answer(api.GET('/conversations/{id}/files', { params: { path: { id: conversation }, query } }))
      if (mine !== loads) return
      users.need(page.items.map((one) => one.author))
      const all = before ? merged(files.value ?? [], page.items) : page.items
      files.value = told.reduce((some, entry) => followed(some, entry, fits), all)
      next.value = page.next
      error.value = undefined
    } catch (thrown) {
      if (mine === loads) error.value = asApiError(thrown)
    } finally {
      if (mine === loads) {
        busy.value = false
        told = []
      }
    }
  }

  async function more(): Promise<void> {
    if (next.value && !busy.value) await load(next.value)
  }

  watch(kind, () => {
    files.value = undefined
    next.value = null
    void load()
  })
  onScopeDispose(
    timelines.onEntry((entry) => {
      if (entry.conversation !== conversation || !concerns(entry)) return
      if (busy.value) told.push(entry)
      if (files.value) files.value = followed(files.value, entry, fits)
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
