import { defineStore } from 'pinia'
import { shallowReactive, shallowRef } from 'vue'
import { answer, api } from '@/api/client'
import type { Entry, History, Uuid } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { useUsers } from '@/features/accounts/users'
import { useConversations } from '@/features/conversations/conversations'
import { fromPage, upToDate, withLive, withNewer, withOlder, withState } from './history'
import type { Timeline } from './history'
import { useOutbox } from './outbox'

const PAGE = 50
const KEPT = 12

interface Load {
  done: Promise<void>
  /** What tells of messages since the page was asked for, in the order of the log. */
  told: Entry[]
}

/** The messages on hand, per conversation. */
export const useTimelines = defineStore('timelines', () => {
  const session = useSession()
  const users = useUsers()
  const conversations = useConversations()
  const outbox = useOutbox()
  const byId = shallowReactive(new Map<Uuid, Timeline>())
  const loading = new Map<Uuid, Load>()
  /** The latest entry that tells of a change to a message, in any conversation. */
  const lastChange = shallowRef<Entry>()
  const listeners = new Set<(entry: Entry) => void>()

  async function page(id: Uuid, query: { before?: number; after?: number; around?: number }): Promise<History> {
    const params = { path: { id }, query: { ...query, limit: PAGE } }
    const history = await answer(api.GET('/conversations/{id}/messages', { params }))
    noticed(history.items)
    return upToDate(history, loading.get(id)?.told ?? [])
  }

  function noticed(entries: Entry[]): void {
    users.need(entries.flatMap((e) => [e.actor, e.subject, ...reactedTo(e)]))
    const mine = entries.filter((e) => e.actor === session.myId && e.message)
    outbox.settle(mine.map((e) => e.message!.client_id))
  }

  const reactedTo = (e: Entry) => (e.target ?? e.message)?.changes?.reactions.flatMap((r) => r.users) ?? []
  const newestKnown = (id: Uuid) => conversations.byId.get(id)?.last_seq ?? 0

  /** One load at a time per conversation; whoever asks meanwhile waits for the one under way. */
  function once(id: Uuid, load: () => Promise<void>): Promise<void> {
    const running = loading.get(id)
    if (running) return running.done
    const started: Load = { done: Promise.resolve(), told: [] }
    loading.set(id, started)
    started.done = load().finally(() => loading.delete(id))
    return started.done
  }

  function keep(id: Uuid, timeline: Timeline): void {
    byId.delete(id)
    byId.set(id, timeline)
    for (const old of [...byId.keys()].slice(0, -KEPT)) byId.delete(old)
  }

  /** Loads the newest page, or the one around an entry. */
  async function open(id: Uuid, around?: number): Promise<void> {
    // Of several who wait here, one goes on at a time, and each gets what it asked for.
    while (loading.has(id)) await loading.get(id)?.done.catch(() => {})
    await once(id, async () => {
      const history = await page(id, around === undefined ? {} : { around })
      keep(id, fromPage(history, newestKnown(id)))
    })
  }

  function older(id: Uuid): Promise<void> {
    return once(id, async () => {
      const before = byId.get(id)?.entries[0]?.seq
      if (before === undefined) return
      const history = await page(id, { before })
      const timeline = byId.get(id)
      if (timeline) byId.set(id, withOlder(timeline, history))
    })
  }

  function newer(id: Uuid): Promise<void> {
    return once(id, async () => {
      const after = byId.get(id)?.entries.at(-1)?.seq ?? 0
      const history = await page(id, { after })
      const timeline = byId.get(id)
      if (timeline) byId.set(id, withNewer(timeline, history, newestKnown(id)))
    })
  }

  function applyEntry(entry: Entry): void {
    const timeline = byId.get(entry.conversation)
    if (timeline) byId.set(entry.conversation, withLive(timeline, entry))
    if (entry.target || entry.message?.thread) loading.get(entry.conversation)?.told.push(entry)
    if (entry.target) lastChange.value = entry
    listeners.forEach((listener) => listener(entry))
    noticed([entry])
  }

  /** Tells of every entry of the stream, none left out; answers what ends that. */
  function onEntry(listener: (entry: Entry) => void): () => void {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** A message as an answer to a request brought it, maybe before the stream tells of it. */
  function applyMessage(message: Entry): void {
    const timeline = byId.get(message.conversation)
    if (timeline) byId.set(message.conversation, withState(timeline, message))
    conversations.applyMessage(message)
  }

  function drop(id: Uuid): void {
    byId.delete(id)
  }

  function clear(): void {
    byId.clear()
  }

  return { byId, lastChange, open, older, newer, applyEntry, onEntry, applyMessage, drop, clear }
})
