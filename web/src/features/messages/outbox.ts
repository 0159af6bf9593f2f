import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { v7 as newUuid } from 'uuid'
import type { SharedFile, Uuid } from '@/api/types'
import { systemClock } from '@/realtime/clock'
import { exclusiveRunner } from '@/realtime/exclusive'
import type { Sent } from '@/realtime/frames'
import { Outbox } from '@/realtime/outbox'
import type { Notice, OutboxItem, Outgoing } from '@/realtime/outbox'
import { outboxStore } from '@/realtime/storage'

/** The signed-in person's outbox, shared with their other tabs. */
export const useOutbox = defineStore('outbox', () => {
  const items = shallowRef<Outgoing[]>([])
  const unsent = computed(() => items.value.filter((item) => !item.sent).length)
  const byConversation = computed(() => {
    const groups = new Map<Uuid, Outgoing[]>()
    for (const item of items.value) groups.set(item.conversation, [...(groups.get(item.conversation) ?? []), item])
    return groups
  })
  let outbox: Outbox | undefined
  let channel: BroadcastChannel | undefined

  async function start(user: Uuid, send: (item: OutboxItem) => Promise<Sent>): Promise<void> {
    stop()
    const name = `parlor.outbox.${user}`
    const tabs = new BroadcastChannel(name)
    const started = new Outbox({
      user,
      store: await outboxStore(),
      clock: systemClock,
      newId: newUuid,
      send,
      exclusively: exclusiveRunner(name),
      tell: (notice) => tabs.postMessage(notice),
      changed: (next) => (items.value = next),
    })
    tabs.onmessage = (event: MessageEvent<Notice>) => started.hear(event.data)
    channel = tabs
    outbox = started
    await started.load()
  }

  function stop(): void {
    channel?.close()
    channel = undefined
    outbox = undefined
    items.value = []
  }

  const add = (conversation: Uuid, body: string, replyTo: Uuid | null, thread?: OutboxItem['thread'], files?: SharedFile[]) =>
    outbox?.add(conversation, body, replyTo, thread, files) ?? Promise.resolve()
  const retry = (clientId: Uuid) => void outbox?.retry(clientId)
  /** Asks what became of the messages that wait for an administrator. */
  const askAgain = () => items.value.filter((item) => item.refusal?.code === 'held').forEach((item) => retry(item.client_id))
  const discard = (clientId: Uuid) => void outbox?.discard(clientId)
  const settle = (clientIds: Uuid[]) => outbox?.settle(clientIds)
  const drain = () => void outbox?.drain()
  const resume = () => outbox?.resume()

  return { items, unsent, byConversation, start, stop, add, retry, askAgain, discard, settle, drain, resume }
})
