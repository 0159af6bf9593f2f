import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { v7 as newUuid } from 'uuid'
import { answer, api } from '@/api/client'
import type { ScheduledMessage, Uuid } from '@/api/types'

export interface ToSchedule {
  body: string
  at: string
  reply_to: Uuid | null
  thread?: Uuid
  broadcast?: boolean
}

/** The messages one scheduled, the next one first. There are a hundred at most, and all are here. */
export const useScheduled = defineStore('scheduled', () => {
  const list = shallowRef<ScheduledMessage[]>([])
  const loaded = ref(false)
  const failed = ref(false)
  const refused = computed(() => list.value.filter((message) => message.refusal).length)
  let asked = 0
  /** What the last answer did not come to: the same again has the same id. */
  let tried: { id: Uuid; content: string } | undefined

  /** Only the answer to the latest question counts. */
  async function load(): Promise<void> {
    const mine = ++asked
    failed.value = false
    try {
      const { items } = await answer(api.GET('/scheduled'))
      if (mine !== asked) return
      list.value = items
      loaded.value = true
    } catch {
      failed.value = true
    }
  }

  async function schedule(conversation: Uuid, message: ToSchedule): Promise<void> {
    const content = JSON.stringify([conversation, message])
    if (tried?.content !== content) tried = { id: newUuid(), content }
    const path = { id: conversation, client_id: tried.id }
    await answer(api.PUT('/conversations/{id}/scheduled/{client_id}', { params: { path }, body: message }))
    tried = undefined
    void load()
  }

  async function change(id: Uuid, body: { body: string; at: string }): Promise<void> {
    await answer(api.PATCH('/scheduled/{client_id}', { params: { path: { client_id: id } }, body }))
    void load()
  }

  async function sendNow(id: Uuid): Promise<void> {
    await answer(api.POST('/scheduled/{client_id}/delivery', { params: { path: { client_id: id } } }))
    void load()
  }

  async function remove(id: Uuid): Promise<void> {
    await answer(api.DELETE('/scheduled/{client_id}', { params: { path: { client_id: id } } }))
    void load()
  }

  function clear(): void {
    asked += 1
    list.value = []
    loaded.value = false
    tried = undefined
  }

  return { list, loaded, failed, refused, load, schedule, change, sendNow, remove, clear }
})
