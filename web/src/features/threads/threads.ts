import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'
import { answer, api } from '@/api/client'
import type { Entry, Thread, Uuid } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { useUsers } from '@/features/accounts/users'
import { newerOf } from '@/features/messages/history'
import { mentions } from '@/features/notifications/attention'
import { threadOf } from './answers'
import { inOrder, withEntry } from './counting'
import { useThreadHistory } from './thread-history'

const PAGE = 100

/** The threads one follows, and those one looks at, by the message they are about. */
export const useThreads = defineStore('threads', () => {
  const session = useSession()
  const users = useUsers()
  const history = useThreadHistory()
  const byRoot = shallowReactive(new Map<Uuid, Thread>())
  const next = ref<string | null>(null)
  const loaded = ref(false)
  const failed = ref(false)
  /** What was told while states are on their way: they may have been read before. */
  const told = new Map<Uuid, Entry[]>()
  const asking = new Map<Uuid, Promise<Thread | undefined>>()
  /** How often all of this was let go of. */
  let cleared = 0

  const followed = computed(() => inOrder(byRoot.values()))
  const unread = computed(() => followed.value.reduce((sum, thread) => sum + thread.unread, 0))

  function put(thread: Thread, since: Entry[] = []): Thread {
    const id = thread.root.message!.id
    const now = since.reduce((state, entry) => withEntry(state, entry, session.myId), thread)
    byRoot.set(id, now)
    users.need([thread.root.actor, ...(thread.root.message?.replies?.people ?? [])])
    return now
  }

  /** Loads the first page, with everything that is unread, or the next one. */
  async function load(after?: string): Promise<void> {
    failed.value = false
    const since: Entry[] = []
    told.set('list', since)
    try {
      const page = await answer(api.GET('/threads', { params: { query: { limit: PAGE, ...(after && { after }) } } }))
      if (!after) for (const [id, thread] of byRoot) if (thread.following) byRoot.delete(id)
      for (const thread of page.items) put(thread, since)
      next.value = page.next ?? null
      loaded.value = true
    } catch {
      failed.value = true
    } finally {
      told.delete('list')
    }
  }

  /** Asks how one stands to a thread; once at a time for each, and all who ask meanwhile get that answer. */
  function refresh(root: Uuid): Promise<Thread | undefined> {
    const running = asking.get(root)
    if (running) return running
    const started = ask(root).finally(() => asking.get(root) === started && asking.delete(root))
    asking.set(root, started)
    return started
  }

  async function ask(root: Uuid): Promise<Thread | undefined> {
    const since: Entry[] = []
    const mine = cleared
    told.set(root, since)
    try {
      const thread = await answer(api.GET('/messages/{id}/thread', { params: { path: { id: root } } }))
      // It was somebody else's question.
      if (mine !== cleared) return undefined
      put(thread, since)
    } catch {
      return undefined
    } finally {
      told.delete(root)
    }
    // One who was mentioned while the answer was on its way may follow since.
    return since.some(beckons) ? ask(root) : byRoot.get(root)
  }

  /** Whether one may follow a thread from this entry on: whoever is mentioned does, unless they said no, which only the server knows. */
  function beckons(entry: Entry): boolean {
    const message = entry.message ?? entry.target
    const root = message?.thread?.root
    return !!root && mentions(message, session.myId) && !byRoot.get(root)?.following
  }

  function applyEntry(entry: Entry): void {
    history.applyEntry(entry)
    for (const since of told.values()) since.push(entry)
    const root = threadOf(entry)?.root
    const about = (entry.message ?? entry.target)?.thread?.root
    if (about && (beckons(entry) || (entry.message && !byRoot.has(about)))) void refresh(about)
    for (const [id, thread] of byRoot) {
      if (thread.root.conversation !== entry.conversation) continue
      if (id === root || entry.target?.message_id === id) byRoot.set(id, withEntry(thread, entry, session.myId))
    }
  }

  /** A message as an answer to a request brought it. */
  function applyMessage(message: Entry): void {
    history.applyMessage(message)
    const thread = byRoot.get(message.message!.id)
    if (thread) byRoot.set(message.message!.id, { ...thread, root: newerOf(thread.root, message) })
  }

  async function follow(root: Uuid, wanted: boolean): Promise<void> {
    const params = { path: { id: root } }
    const request = wanted ? api.PUT('/messages/{id}/thread/follow', { params }) : api.DELETE('/messages/{id}/thread/follow', { params })
    put(await answer(request))
  }

  /** Marks a thread as read, here at once and on the server. */
  async function read(root: Uuid, seq: number): Promise<void> {
    const thread = byRoot.get(root)
    if (!thread?.following || seq <= thread.read_seq) return
    byRoot.set(root, { ...thread, read_seq: seq, unread: seq >= thread.as_of ? 0 : thread.unread })
    await answer(api.PUT('/messages/{id}/thread/read', { params: { path: { id: root } }, body: { seq } }))
  }

  function clear(): void {
    cleared += 1
    asking.clear()
    byRoot.clear()
    history.clear()
    loaded.value = false
    next.value = null
  }

  return { byRoot, followed, unread, next, loaded, failed, load, refresh, applyEntry, applyMessage, follow, read, clear }
})
