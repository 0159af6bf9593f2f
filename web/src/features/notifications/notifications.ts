import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { answer, api } from '@/api/client'
import { pagesOf } from '@/api/pages'
import type { AppNotification, NotificationSettings, NotificationSummary, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { utcOffset } from './attention'

const GATHER_MS = 300

/** What one was told of. The list is loaded when somebody looks at it; the count is always there. */
export const useNotifications = defineStore('notifications', () => {
  const users = useUsers()
  const unread = ref(0)
  const settings = shallowRef<NotificationSettings>()
  const { items, next, error, look, more, forget } = pagesOf<AppNotification>(
    (after) => answer(api.GET('/notifications', { params: { query: after ? { after } : {} } })),
    (found) => users.need(found.map((one) => one.actor)),
  )
  let timer: ReturnType<typeof setTimeout> | undefined

  function apply(summary: NotificationSummary): void {
    unread.value = summary.unread
    settings.value = summary.settings
  }

  /** What a connection begins with. What was loaded before may be out of date. */
  function start(summary: NotificationSummary): void {
    apply(summary)
    if (items.value) void look()
    const hours = summary.settings.quiet_hours
    // Clocks were changed, or one is elsewhere: the hours are those of one's own clock.
    if (hours && hours.utc_offset !== utcOffset()) {
      save({ ...summary.settings, quiet_hours: { ...hours, utc_offset: utcOffset() } }).catch(() => {})
    }
  }

  function told(notification: AppNotification): void {
    users.need([notification.actor])
    if (items.value) items.value = [notification, ...items.value.filter((one) => one.id !== notification.id)]
    // Further reactions renew a notification that may have been counted.
    if (notification.kind === 'reaction') refresh()
    else unread.value += 1
  }

  /** Something was read, deleted or left: only the server knows what is left to see. */
  function refresh(): void {
    timer ??= setTimeout(async () => {
      timer = undefined
      try {
        apply(await answer(api.GET('/notifications/summary')))
        if (items.value) await look()
      } catch {
        // The next connection brings the count.
      }
    }, GATHER_MS)
  }

  async function markRead(ids?: Uuid[]): Promise<void> {
    const marked = (one: AppNotification) => !ids || ids.includes(one.id)
    items.value = items.value?.map((one) => (marked(one) ? { ...one, read: true } : one))
    apply(await answer(api.PUT('/notifications/read', { body: ids ? { ids } : {} })))
  }

  async function save(changed: NotificationSettings): Promise<void> {
    settings.value = await answer(api.PUT('/notifications/settings', { body: changed }))
  }

  function clear(): void {
    clearTimeout(timer)
    timer = undefined
    unread.value = 0
    settings.value = undefined
    forget()
  }

  return { unread, settings, items, next, error, apply, start, told, refresh, look, more, markRead, save, clear }
})
