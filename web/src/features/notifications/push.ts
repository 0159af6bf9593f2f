import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { answer, api } from '@/api/client'
import { useSession } from '@/features/accounts/session'

/** Who wants to be told in this browser while the page is closed. */
const WANTED = 'parlor.push'

/** `unsupported` by the browser, `unavailable` on this server, `denied` by the person, `off` or `on`. */
export type PushState = 'unknown' | 'unsupported' | 'unavailable' | 'denied' | 'off' | 'on'

const isSupported = () => !!globalThis.navigator?.serviceWorker && 'PushManager' in window && 'Notification' in window

async function registered(): Promise<ServiceWorkerRegistration | undefined> {
  return isSupported() ? navigator.serviceWorker.getRegistration() : undefined
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** Whether a browser subscribed for this key, and not for one that the server had before. */
export function isFor(key: ArrayBuffer | null, wanted: Uint8Array): boolean {
  const known = new Uint8Array(key ?? new ArrayBuffer(0))
  return known.length === wanted.length && known.every((byte, at) => byte === wanted[at])
}

/** Gives up what this browser subscribed to. */
async function dropPush(): Promise<void> {
  const subscription = await (await registered())?.pushManager.getSubscription()
  await subscription?.unsubscribe()
}

/** Being told in this browser of what is new while the page is closed. */
export const usePush = defineStore('push', () => {
  const session = useSession()
  const state = ref<PushState>('unknown')
  const busy = ref(false)
  const isOn = computed(() => state.value === 'on')

  const isWanted = () => localStorage.getItem(WANTED) === session.myId

  /** How things stand, as the browser and the server see it. */
  async function look(): Promise<void> {
    const registration = await registered()
    if (!registration) {
      state.value = 'unsupported'
      return
    }
    const { public_key: key, endpoint } = await answer(api.GET('/notifications/push'))
    if (!key) state.value = 'unavailable'
    else if (Notification.permission === 'denied') state.value = 'denied'
    else {
      const subscription = await registration.pushManager.getSubscription()
      state.value = subscription && subscription.endpoint === endpoint ? 'on' : 'off'
    }
  }

  /** Asks the browser for its address and tells the server. */
  async function subscribe(): Promise<void> {
    const registration = await registered()
    const { public_key: key, endpoint } = await answer(api.GET('/notifications/push'))
    if (!registration || !key) return look()
    const wanted = bytesOf(key)
    let subscription = await registration.pushManager.getSubscription()
    if (subscription && !isFor(subscription.options.applicationServerKey, wanted)) {
      await subscription.unsubscribe()
      subscription = null
    }
    subscription ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted })
    if (subscription.endpoint !== endpoint) {
      const { keys } = subscription.toJSON()
      const body = { endpoint: subscription.endpoint, keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' } }
      await answer(api.PUT('/notifications/push', { body }))
    }
    state.value = 'on'
  }

  /** Switches it on; the browser has to allow notifications first. */
  async function enable(): Promise<void> {
    await alone(async () => {
      await subscribe()
      if (isOn.value) localStorage.setItem(WANTED, session.myId)
    })
  }

  async function disable(): Promise<void> {
    await alone(async () => {
      localStorage.removeItem(WANTED)
      await answer(api.DELETE('/notifications/push'))
      await dropPush()
      state.value = 'off'
    })
  }

  async function alone(work: () => Promise<void>): Promise<void> {
    busy.value = true
    try {
      await work()
    } finally {
      busy.value = false
    }
  }

  /** Keeps it on for who wanted it: after they signed in anew, or when browser or server have new keys. */
  async function keep(): Promise<void> {
    try {
      if (isWanted() && isSupported() && Notification.permission === 'granted') await subscribe()
    } catch {
      // The next start of the page tries again, and the settings tell how things stand.
    }
  }

  /** Nobody is signed in any more. The server has forgotten the address with the session. */
  async function forget(): Promise<void> {
    state.value = 'unknown'
    await dropPush().catch(() => undefined)
  }

  return { state, busy, isOn, look, enable, disable, keep, forget }
})
