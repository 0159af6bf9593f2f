import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { answer, api } from '@/api/client'
import type { Conversation, Entry, Uuid } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import type { Notice } from '@/features/accounts/session'
import { useUsers } from '@/features/accounts/users'
import { useConversations } from '@/features/conversations/conversations'
import { useUploads } from '@/features/files/uploads'
import { useMaintenance } from '@/features/maintenance/maintenance'
import { useComposing } from '@/features/messages/composing'
import { useBlocks } from '@/features/profile/blocks'
import { useDrafts } from '@/features/messages/drafts'
import { useOutbox } from '@/features/messages/outbox'
import { useQuotes } from '@/features/messages/quotes'
import { useTimelines } from '@/features/messages/timelines'
import { useTyping } from '@/features/messages/typing'
import { useNotifications } from '@/features/notifications/notifications'
import { usePush } from '@/features/notifications/push'
import { useShowing } from '@/features/notifications/showing'
import { useSaved } from '@/features/saved/saved'
import { useScheduled } from '@/features/scheduled/scheduled'
import { useThreads } from '@/features/threads/threads'
import { RealtimeClient } from '@/realtime/client'
import type { ConnectionState, Socket } from '@/realtime/client'
import { systemClock } from '@/realtime/clock'
import type { ClientFrame, PersonalChanged, Ready, Sent, ServerEvent } from '@/realtime/frames'
import type { OutboxItem } from '@/realtime/outbox'
import { useSnapshot } from './snapshot'

const NOTICES: Record<number, Notice> = { 4501: 'ended', 4503: 'banned', 4504: 'protocol', 4505: 'deleted' }

function openSocket(): Socket {
  const url = new URL('/api/v1/realtime', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  return new WebSocket(url, 'parlor.v1') as Socket
}

/** Brings the stream and the stores together while somebody is signed in. */
export const useConnection = defineStore('connection', () => {
  const session = useSession()
  const users = useUsers()
  const conversations = useConversations()
  const timelines = useTimelines()
  const typing = useTyping()
  const outbox = useOutbox()
  const drafts = useDrafts()
  const uploads = useUploads()
  const composing = useComposing()
  const blocks = useBlocks()
  const quotes = useQuotes()
  const maintenance = useMaintenance()
  const notifications = useNotifications()
  const push = usePush()
  const showing = useShowing()
  const threads = useThreads()
  const saved = useSaved()
  const scheduled = useScheduled()
  const snapshot = useSnapshot()
  const state = shallowRef<ConnectionState>({ name: 'stopped' })
  // Who hides receipts or when they were last seen sees those of nobody else, from then on.
  watch(() => session.me?.shares_receipts, (now, before) => {
    if (now !== undefined && before !== undefined) void conversations.refreshReceipts(now)
  })
  watch(() => session.me?.shares_last_seen, (now, before) => {
    if (now !== undefined && before !== undefined) users.refresh()
  })
  let client: RealtimeClient | undefined
  let user: Uuid | undefined

  async function start(): Promise<void> {
    if (user === session.myId) return
    stop()
    user = session.myId
    drafts.start(user)
    uploads.start(user)
    const mine = new RealtimeClient({
      open: openSocket,
      clock: systemClock,
      random: Math.random,
      listener: { state: entered, ready, event: happened },
    })
    client = mine
    // The outbox is read first, so that nothing that waits there flickers when the log comes. What
    // waits goes through this connection only: the next one may be somebody else's.
    await outbox.start(user, (item) => sendItem(mine, item))
    if (client === mine) mine.start()
    void push.keep()
  }

  function stop(): void {
    client?.stop()
    client = undefined
    user = undefined
    outbox.stop()
    drafts.stop()
    uploads.stop()
    maintenance.message = null
    typing.clear()
    timelines.clear()
    composing.clear()
    quotes.clear()
    threads.clear()
    saved.clear()
    scheduled.clear()
    conversations.clear()
    notifications.clear()
    users.clear()
  }

  async function sendItem(mine: RealtimeClient, item: OutboxItem): Promise<Sent> {
    const { conversation, client_id, body, reply_to, thread } = item
    const files = item.files?.map((file) => file.id)
    const where = thread && { thread: thread.root, broadcast: thread.broadcast }
    return (await mine.request({ type: 'message.send', conversation, client_id, body, reply_to, ...where, ...(files && { files }) })) as Sent & { type: 'ok' }
  }

  function request(frame: ClientFrame) {
    if (!client) return Promise.reject(new Error('not connected'))
    return client.request(frame)
  }

  /** For frames that are only worth something now: lost with the connection, and no harm done. */
  function tell(frame: ClientFrame): void {
    request(frame).catch(() => {})
  }

  function entered(next: ConnectionState): void {
    state.value = next
    if (next.name === 'waiting') {
      typing.clear()
      uploads.pause()
      if (!conversations.loaded) void snapshot.restore()
      // A refused handshake says nothing in a browser; HTTP tells whether the session is over.
      if (!next.greeted) answer(api.GET('/users/me')).catch(() => {})
    }
    if (next.name === 'ended') session.leave({ kind: NOTICES[next.code] ?? 'ended', reason: next.reason })
  }

  function ready(frame: Ready): void {
    if (frame.me.id !== user) {
      // Somebody else signed in meanwhile in another tab. Nothing of the last person may be sent as them.
      location.reload()
      return
    }
    session.update(frame.me)
    conversations.replaceAll(frame.conversations)
    notifications.start(frame.notifications)
    // Presence may have changed while nobody told us.
    users.refresh()
    blocks.replace(frame.blocked)
    void threads.load()
    void saved.load()
    void scheduled.load()
    drafts.refresh()
    outbox.drain()
    uploads.resume()
    maintained(frame.maintenance)
  }

  function maintained(message: string | null): void {
    maintenance.message = message
    if (message === null) outbox.resume()
  }

  function happened(event: ServerEvent): void {
    switch (event.type) {
      case 'entry':
        return entryCame(event)
      case 'reset':
        timelines.drop(event.conversation)
        quotes.clear()
        return conversations.change(event.conversation, (c) => ({ ...c, last_seq: event.last_seq }))
      case 'cursor':
        if (event.user === user && notifications.unread > 0) notifications.refresh()
        return conversations.applyCursor(event.conversation, event)
      case 'conversation.added':
        notifications.refresh()
        return conversations.add(event.conversation)
      case 'conversation.changed':
        return conversations.setGroup(event.conversation, event.group)
      case 'conversation.removed':
        timelines.drop(event.conversation)
        notifications.refresh()
        return conversations.remove(event.conversation)
      case 'conversation.preferences':
        return conversations.change(event.conversation, (c) => ({ ...c, preferences: event.preferences }))
      case 'notification':
        notifications.told(event.notification)
        if (event.notification.kind === 'message_rejected') outbox.askAgain()
        return showing.notification(event.notification)
      case 'notifications.changed':
        notifications.apply(event.notifications)
        return void (notifications.items && notifications.look())
      case 'user.changed':
        return users.put([event.user])
      case 'presence':
        return users.setPresence(event.users)
      case 'typing':
        users.need([event.user])
        return typing.started(event.conversation, event.user)
      case 'personal.changed':
        return personalChanged(event)
      case 'maintenance':
        return maintained(event.message)
      case 'blocks.changed':
        return blocks.replace(event.blocked)
      case 'account.changed':
        return session.update(event.me)
    }
  }

  /** Something one keeps for oneself changed on one of one's devices; maybe on this one. */
  function personalChanged(event: PersonalChanged): void {
    if (event.what === 'thread' && event.message) void threads.refresh(event.message)
    if (event.what === 'unread' && event.conversation) void conversations.setBack(event.conversation)
    if (event.what === 'saved' || event.what === 'everything') void saved.load()
    if (event.what === 'scheduled' || event.what === 'everything') void scheduled.load()
    if (event.what === 'draft' && event.conversation) drafts.refresh(event.conversation, event.version ?? undefined)
    if (event.what === 'everything') {
      void threads.load()
      drafts.refresh()
    }
  }

  function entryCame(entry: Entry): void {
    typing.stopped(entry.conversation, entry.actor)
    timelines.applyEntry(entry)
    quotes.applyEntry(entry)
    threads.applyEntry(entry)
    saved.applyEntry(entry)
    conversations.applyEntry(entry)
    showing.entry(entry)
    if (entry.kind === 'deletion' && notifications.unread > 0) notifications.refresh()
  }

  /** Signed out: nothing of the person stays but what they have not sent. */
  function forget(): void {
    stop()
    void snapshot.drop()
    uploads.forget()
  }

  /** A conversation that an HTTP answer brought, before the stream told of it. */
  function adopt(conversation: Conversation): void {
    if (conversations.byId.has(conversation.id)) return
    conversations.add(conversation)
    client?.follow(conversation.id, conversation.last_seq)
  }

  /** Makes sure that a conversation one has just come into is here. */
  async function fetchConversation(id: Uuid): Promise<void> {
    if (conversations.byId.has(id)) return
    adopt(await answer(api.GET('/conversations/{id}', { params: { path: { id } } })))
  }

  const wake = () => client?.wake()

  /** Moves one's own read cursor, here at once and on the server. */
  function read(conversation: Uuid, seq: number, unread: number, unread_mentions: number): void {
    if (state.value.name !== 'ready') return
    conversations.change(conversation, (c) => ({ ...c, read_seq: Math.max(c.read_seq, seq), unread, unread_mentions }))
    tell({ type: 'read', conversation, seq })
    if (notifications.unread > 0) notifications.refresh()
  }

  return { state, start, forget, wake, tell, read, adopt, fetchConversation }
})
