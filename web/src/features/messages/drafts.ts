import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { answer, api } from '@/api/client'
import type { Draft, Uuid } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { systemClock } from '@/realtime/clock'
import { store, stored } from '@/ui/stored'
import { DraftSync } from './draft-sync'
import type { Kept, Key } from './draft-sync'

const PAGE = 100

/**
 * Text not sent yet, per conversation and thread. It is written to localStorage with each keystroke,
 * because that is done before the page can go away; the person's id in the key keeps it from others.
 * The server keeps a copy for the person's other devices.
 */
export const useDrafts = defineStore('drafts', () => {
  const session = useSession()
  const byConversation = shallowReactive(new Map<Key, string>())
  let prefix = ''
  let sync: DraftSync | undefined

  function start(user: Uuid): void {
    stop()
    byConversation.clear()
    prefix = `parlor.draft.${user}.`
    const kept = `parlor.kept-draft.${user}.`
    const known = new Map<Key, Kept>()
    for (const [key, text] of stored(prefix)) byConversation.set(key, text)
    for (const [key, text] of stored(kept)) known.set(key, JSON.parse(text) as Kept)
    sync = new DraftSync({
      clock: systemClock,
      server: SERVER,
      here: { keys: () => byConversation.keys(), text: (key) => byConversation.get(key) ?? '', show: put },
      known,
      remember(key, now) {
        if (now) known.set(key, now)
        else known.delete(key)
        store(kept + key, now && JSON.stringify(now))
      },
      fits: (text) => [...text.trim()].length <= (session.server?.message_max_length ?? 8000),
    })
  }

  function stop(): void {
    sync?.stop()
    sync = undefined
  }

  function put(key: Key, text: string): void {
    if (text.trim()) byConversation.set(key, text)
    else byConversation.delete(key)
    store(prefix + key, byConversation.get(key))
  }

  function set(key: Key, text: string): void {
    put(key, text)
    sync?.changed(key)
  }

  /** The conversation is left, or the message was sent: other devices need not wait. */
  const flush = (key: Key) => void sync?.flush(key)
  const refresh = (conversation?: Uuid, version?: number) => void sync?.refresh(conversation, version)

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') sync?.flushAll()
  })

  return { byConversation, start, stop, set, flush, refresh }
})

function place(key: Key): { id: Uuid; thread?: Uuid } {
  const [id, thread] = key.split('/')
  return { id: id!, ...(thread && { thread }) }
}

const SERVER = {
  async all(conversation?: Uuid): Promise<Map<Key, Kept>> {
    const found = new Map<Key, Kept>()
    let after: string | null | undefined
    do {
      const query = { limit: PAGE, ...(conversation && { conversation }), ...(after && { after }) }
      const page = await answer(api.GET('/drafts', { params: { query } }))
      for (const draft of page.items) found.set(keyOf(draft), { body: draft.body, version: draft.version })
      after = page.next
    } while (after)
    return found
  },
  keep(key: Key, body: string): Promise<Kept> {
    const { id, ...thread } = place(key)
    return answer(api.PUT('/conversations/{id}/draft', { params: { path: { id } }, body: { body, ...thread } }))
  },
  async clear(key: Key, version: number): Promise<void> {
    const { id, ...thread } = place(key)
    await answer(api.DELETE('/conversations/{id}/draft', { params: { path: { id }, query: { version, ...thread } } }))
  },
}

const keyOf = ({ conversation, thread }: Draft): Key => (thread ? `${conversation}/${thread}` : conversation)
