import type { Conversation, Mentions, NotificationSettings } from '@/api/types'

/** Whether one wants to hear nothing of a conversation at this moment. */
export function isSilent(c: Conversation, now = Date.now()): boolean {
  const { level, silent_until: until } = c.preferences
  return level === 'nothing' || (!!until && Date.parse(until) > now)
}

/** How much of what is unread asks for attention: every message, those that mention one, or nothing. */
export function countOf(c: Conversation, now = Date.now()): number {
  if (isSilent(c, now)) return 0
  return c.preferences.level === 'all' ? c.unread : c.unread_mentions
}

/** Whether a message mentions somebody. */
export function mentions(message: { mentions?: Mentions | null } | null | undefined, user: string): boolean {
  const named = message?.mentions
  return !!named && (named.all || named.users.includes(user))
}

/** Whether nothing may draw one's attention at this moment, by the clock of this machine. */
export function isQuiet(settings: NotificationSettings, now = new Date()): boolean {
  const hours = settings.quiet_hours
  if (!hours) return false
  const minute = now.getHours() * 60 + now.getMinutes()
  // Sunday is 0 here and 7 there.
  const today = now.getDay() || 7
  const yesterday = today === 1 ? 7 : today - 1
  if (hours.from < hours.to) return hours.days.includes(today) && minute >= hours.from && minute < hours.to
  return (hours.days.includes(today) && minute >= hours.from) || (hours.days.includes(yesterday) && minute < hours.to)
}

/** How many minutes this machine's clock is ahead of UTC. */
export const utcOffset = (now = new Date()) => -now.getTimezoneOffset()
