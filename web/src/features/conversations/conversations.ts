import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'
import { answer, api } from '@/api/client'
import type { Conversation, Cursor, Entry, Group, Uuid } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { useUsers } from '@/features/accounts/users'
import { countOf } from '@/features/notifications/attention'
import { activityOf, blursMentions, withCursor, withEntry, withMessage } from './changes'

/** The most conversations that are asked for one by one. */
const MOST_REFRESHED = 50

/** The conversations one is in, as `ready` gave them and as events changed them since. */
export const useConversations = defineStore('conversations', () => {
  const session = useSession()
  const users = useUsers()
  const byId = shallowReactive(new Map<Uuid, Conversation>())
  /** False until the list came once; until then nobody knows what is missing. */
  const loaded = ref(false)
  /** When a conversation without messages came to be here, so that it is seen at the top. */
  const opened = shallowReactive(new Map<Uuid, string>())

  const recent = computed(() =>
    [...byId.values()]
      .map((c) => ({ c, at: [activityOf(c), opened.get(c.id) ?? ''].sort()[1]! }))
      .sort((a, b) => b.at.localeCompare(a.at))
      .map(({ c }) => c),
  )
  /** How much asks for attention. */
  const unread = computed(() => [...byId.values()].reduce((sum, c) => sum + countOf(c), 0))

  function replaceAll(list: Conversation[]): void {
    const present = new Set(list.map((c) => c.id))
    for (const id of [...byId.keys()]) if (!present.has(id)) byId.delete(id)
    list.forEach(put)
    loaded.value = true
  }

  function put(conversation: Conversation): void {
    byId.set(conversation.id, conversation)
    if (conversation.peer) users.put([conversation.peer])
    users.need([conversation.last_message?.actor])
  }

  function add(conversation: Conversation): void {
    if (!conversation.last_message) opened.set(conversation.id, new Date().toISOString())
    put(conversation)
  }

  function remove(id: Uuid): void {
    byId.delete(id)
  }

  function change(id: Uuid, how: (c: Conversation) => Conversation): void {
    const conversation = byId.get(id)
    if (conversation) byId.set(id, how(conversation))
  }

  function applyEntry(entry: Entry): void {
    const before = byId.get(entry.conversation)
    change(entry.conversation, (c) => withEntry(c, entry, session.myId))
    if (before && blursMentions(before, entry, session.myId)) void refresh(entry.conversation)
    if (before && entry.kind === 'retention') void refreshRetention(entry.conversation)
    users.need([entry.actor, entry.subject])
  }

  /** The last message as an answer brought it; the stream counts what is unread. */
  function applyMessage(message: Entry): void {
    change(message.conversation, (c) => withMessage(c, message))
  }

  /**
   * A cursor moved: the other person's, or one's own on another device. After the latter only
   * the server knows how many messages are left unread, unless one has read to the end.
   */
  function applyCursor(id: Uuid, cursor: Cursor): void {
    const before = byId.get(id)
    change(id, (c) => withCursor(c, cursor, session.myId))
    const after = byId.get(id)
    if (before && after && after.unread > 0 && before.read_seq !== after.read_seq) void refresh(id)
  }

  async function refresh(id: Uuid): Promise<void> {
    try {
      const fresh = await answer(api.GET('/conversations/{id}', { params: { path: { id } } }))
      change(id, (c) => (c.last_seq <= fresh.last_seq && c.read_seq <= fresh.read_seq ? fresh : c))
    } catch {
      // The next `ready` brings the count.
    }
  }

  /** It follows from what was set for the conversation, which its log tells, and for the server. */
  async function refreshRetention(id: Uuid): Promise<void> {
    try {
      const { retention } = await answer(api.GET('/conversations/{id}', { params: { path: { id } } }))
      change(id, (c) => ({ ...c, retention }))
    } catch {
      // The next `ready` brings it.
    }
  }

  /** Those that one has marked as unread, and does not read by having them open. */
  const keptUnread = shallowReactive(new Set<Uuid>())

  async function markUnread(id: Uuid, seq: number): Promise<void> {
    keptUnread.add(id)
    await answer(api.PUT('/conversations/{id}/unread', { params: { path: { id } }, body: { seq } }))
  }

  /** The read cursor moved back, on one of one's devices: only the server knows what is unread then. */
  async function setBack(id: Uuid): Promise<void> {
    keptUnread.add(id)
    for (let tries = 0; tries < 5; tries++) {
      const fresh = await answer(api.GET('/conversations/{id}', { params: { path: { id } } })).catch(() => undefined)
      const now = byId.get(id)
      // Entries that came meanwhile are counted in the next answer.
      if (!fresh || !now || fresh.last_seq >= now.last_seq) return void (fresh && now && byId.set(id, fresh))
    }
  }

  /** How far others have come, of whom one may know that now, or of nobody any more. */
  async function refreshReceipts(shown: boolean): Promise<void> {
    const direct = [...byId.values()].filter((c) => c.kind === 'direct')
    if (shown) await Promise.all(direct.slice(0, MOST_REFRESHED).map((c) => refresh(c.id)))
    else for (const c of direct) change(c.id, (c) => ({ ...c, peer_cursor: null }))
  }

  function setGroup(id: Uuid, group: Group): void {
    change(id, (c) => ({ ...c, group }))
  }

  function clear(): void {
    byId.clear()
    opened.clear()
    keptUnread.clear()
    loaded.value = false
  }

  return { refreshReceipts, byId, loaded, recent, unread, replaceAll, put, add, remove, applyEntry, applyMessage, applyCursor, setGroup, change, keptUnread, markUnread, setBack, clear }
})
