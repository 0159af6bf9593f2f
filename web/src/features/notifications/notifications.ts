import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import type { AppNotification, NotificationSettings, NotificationSummary, Uuid } from '@/api/types'
import { useUsers } from '@/features/accounts/users'
import { utcOffset } from './attention'

const GATHER_MS = 300

/** What one was told of. The list is loaded when somebody looks at it; the count is always there. */
export const useNotifications = defineStore('notifications', () => {
  const users = useUsers()
  const unread = ref(0)
  const settings = shallowRef<NotificationSettings>()
  const items = shallowRef<AppNotification[]>()
  const next = ref<string | null>(null)
  const error = shallowRef<ApiError>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0
  let loading = 0

  function apply(summary: NotificationSummary): void {
    unread.value = summary.unread
    settings.value = summary.settings
  }

  /** What a connection begins with. What was loaded before may be out of date. */
  function start(summary: NotificationSummary): void {
    apply(summary)
    if (items.value) void load()
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
        if (items.value) await load()
      } catch {
        // The next connection brings the count.
      }
    }, GATHER_MS)
  }

  /** Only the answer to the latest question counts; what comes next is known once the page before it is there. */
  async function load(after?: string): Promise<void> {
    if (after && loading > 0) return
    const mine = ++latest
    loading += 1
    try {
      const page = await answer(api.GET('/notifications', { params: { query: after ? { after } : {} } }))
      if (mine !== latest) return
      users.need(page.items.map((one) => one.actor))
      items.value = after ? [...(items.value ?? []), ...page.items] : page.items
      next.value = page.next
      error.value = undefined
    } catch (thrown) {
      if (mine === latest) error.value = asApiError(thrown)
    } finally {
      loading -= 1
    }
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
    items.value = undefined
    next.value = null
  }

  return { unread, settings, items, next, error, apply, start, told, refresh, load, markRead, save, clear }
})
