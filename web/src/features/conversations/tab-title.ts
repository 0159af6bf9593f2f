import { onBeforeUnmount, watchEffect } from 'vue'
import { useRoute } from 'vue-router'
import { useSession } from '@/features/accounts/session'
import { useNotifications } from '@/features/notifications/notifications'
import { isolate } from '@/i18n/isolate'
import { useConversations } from './conversations'
import { useNames } from './title'

function setIcon(href: string): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  if (icon && icon.getAttribute('href') !== href) icon.href = href
}

/** The number on the icon of the installed page. Browsers that have none do without. */
function setBadge(count: number): void {
  if (!('setAppBadge' in navigator)) return
  const done = count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()
  done.catch(() => {})
}

/** The tab says where one is and how much is unread; its icon carries a dot while anything is. */
export function useTabTitle(): void {
  const route = useRoute()
  const session = useSession()
  const conversations = useConversations()
  const notifications = useNotifications()
  const { title } = useNames()

  const stop = watchEffect(() => {
    const server = session.server?.name ?? 'Parlor'
    const current = conversations.byId.get(String(route.params.id ?? ''))
    const where = current ? `${isolate(title(current))} · ${server}` : server
    setIcon(conversations.unread > 0 ? '/icon-unread.svg' : '/icon.svg')
    setBadge(notifications.settings?.badge ? conversations.unread : 0)
    document.title = conversations.unread > 0 ? `(${conversations.unread}) ${where}` : where
  })
  onBeforeUnmount(() => {
    stop()
    setIcon('/icon.svg')
    setBadge(0)
    document.title = session.server?.name ?? 'Parlor'
  })
}
