import { defineStore } from 'pinia'
import { ref } from 'vue'
import { answer, api } from '@/api/client'
import type { Uuid } from '@/api/types'

/** Whom one blocked; the server keeps it, the same for all devices. */
export const useBlocks = defineStore('blocks', () => {
  const blocked = ref<ReadonlySet<Uuid>>(new Set())
  const replace = (users: Uuid[]) => void (blocked.value = new Set(users))
  const has = (user: Uuid | null | undefined) => !!user && blocked.value.has(user)

  async function block(id: Uuid): Promise<void> {
    await answer(api.PUT('/users/{id}/block', { params: { path: { id } } }))
    blocked.value = new Set([...blocked.value, id])
  }

  async function unblock(id: Uuid): Promise<void> {
    await answer(api.DELETE('/users/{id}/block', { params: { path: { id } } }))
    blocked.value = new Set([...blocked.value].filter((other) => other !== id))
  }

  return { blocked, replace, has, block, unblock }
})
