import { ref } from 'vue'
import { OPEN, SKIP_WAITING } from './worker/messages'

/** Set when a newer page is ready; calling it changes over. */
export const update = ref<(() => void) | null>(null)

const WORKER = '/sw.js'

// Trusted Types ask who vouches for a script's address; this policy vouches for one only.
const policy = window.trustedTypes?.createPolicy('parlor-worker', {
  createScriptURL: (url) => {
    if (url !== WORKER) throw new TypeError('not the service worker')
    return url
  },
})

/** Installs the service worker, which keeps the page usable without a connection. */
export async function registerWorker(): Promise<void> {
  if (!import.meta.env.PROD || !navigator.serviceWorker) return
  const url = policy?.createScriptURL(WORKER) ?? WORKER
  try {
    const registration = await navigator.serviceWorker.register(url as unknown as string)
    offer(registration)
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', () => offer(registration))
    })
  } catch {
    // Without it the page works all the same, as long as there is a connection.
  }
}

function offer(registration: ServiceWorkerRegistration): void {
  const waiting = registration.waiting
  if (!waiting || !navigator.serviceWorker.controller) return
  update.value = () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
    waiting.postMessage({ type: SKIP_WAITING })
  }
}

/** Goes where a notification leads that somebody clicked on. */
export function whenOpened(go: (path: string) => void): void {
  navigator.serviceWorker?.addEventListener('message', ({ data }) => {
    if (data?.type === OPEN && typeof data.path === 'string') go(data.path)
  })
}
