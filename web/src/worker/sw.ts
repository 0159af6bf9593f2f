import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { sharedLanguage } from '@/i18n/languages'
import { OPEN, SKIP_WAITING } from './messages'
import { read, shownAs } from './words'

/** The service worker: keeps the page usable without a connection, and speaks for it while it is closed. */
declare const self: ServiceWorkerGlobalScope

precacheAndRoute(self.__WB_MANIFEST)
cleanupOutdatedCaches()
const denylist = [/^\/api(\/|$)/, /^\/healthz$/, /^\/readyz$/]
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist }))

self.addEventListener('message', (event) => {
  if (event.data?.type === SKIP_WAITING) void self.skipWaiting()
})

self.addEventListener('push', (event) => event.waitUntil(show(event.data?.text())))

/** Shows every push: browsers take the right to push away from those who do not. */
async function show(text: string | undefined): Promise<void> {
  const pushed = read(text)
  const { title, body, tag, path } = shownAs(pushed, await sharedLanguage())
  const options = { body, tag, renotify: true, timestamp: pushed.at, icon: '/icon-192.png', data: { path } }
  await self.registration.showNotification(title, options)
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(event.notification.data?.path ?? '/c'))
})

/** Leads to a place: in a window there is, the one in front if possible, or in a new one. */
async function open(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const there = windows.find((window) => window.visibilityState === 'visible') ?? windows[0]
  if (!there) {
    await self.clients.openWindow(path)
    return
  }
  there.postMessage({ type: OPEN, path })
  await there.focus()
}
