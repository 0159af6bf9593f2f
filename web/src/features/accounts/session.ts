import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { Account, ServerInfo } from '@/api/types'
import { forgetAccount, recallAccount, rememberAccount } from './remembered'

export type Phase = 'unknown' | 'out' | 'in'
export type Notice = 'ended' | 'banned' | 'deleted' | 'protocol'

const RETRY_MS = 3_000

/** Who is signed in, and what the server says about itself. */
export const useSession = defineStore('session', () => {
  const phase = ref<Phase>('unknown')
  const server = shallowRef<ServerInfo | null>(null)
  const me = shallowRef<Account | null>(null)
  /** Why the person finds themselves at the sign-in page, when they did not ask for it. */
  const notice = ref<{ kind: Notice; reason: string } | null>(null)
  const unreachable = ref(false)
  let booting: Promise<void> | undefined

  const myId = computed(() => me.value?.id ?? '')

  async function loadServer(): Promise<void> {
    server.value = await answer(api.GET('/server'))
  }

  /** Finds out once whether there is a session. Without a connection the last account is assumed. */
  function boot(): Promise<void> {
    booting ??= find()
    return booting
  }

  async function find(): Promise<void> {
    for (;;) {
      const described = loadServer().catch(() => {})
      try {
        enter(await answer(api.GET('/users/me')))
        return
      } catch (thrown) {
        const error = asApiError(thrown)
        if (error.status === 401 || error.status === 403 || error.code === 'setup_required') {
          await described
          leave()
          return
        }
        const last = recallAccount()
        if (last) {
          enter(last)
          return
        }
        unreachable.value = true
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  function enter(account: Account): void {
    me.value = account
    phase.value = 'in'
    notice.value = null
    unreachable.value = false
    booting = Promise.resolve()
    rememberAccount(account)
  }

  /** Signed out. Drafts and unsent messages stay, filed under the person's id. */
  function leave(why?: { kind: Notice; reason: string }): void {
    me.value = null
    phase.value = 'out'
    unreachable.value = false
    notice.value = why ?? null
    forgetAccount()
  }

  function update(account: Account): void {
    me.value = account
    rememberAccount(account)
  }

  async function signOut(): Promise<void> {
    await answer(api.POST('/auth/logout'))
    leave()
  }

  return { phase, server, me, myId, notice, unreachable, boot, loadServer, enter, leave, update, signOut }
})
