// Moments as people write them, in the browser's language.
const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' })
const dayInYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'numeric', year: '2-digit' })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

const DAY_MS = 86_400_000

/** Whole days between two moments in local time. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()
  return Math.round((midnight(later) - midnight(earlier)) / DAY_MS)
}

function sentence(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1)
}

export const formatTime = (iso: string) => time.format(new Date(iso))
export const formatMoment = (iso: string) => moment.format(new Date(iso))

/** "Today", "Yesterday", a weekday, a date: for the line between two days of messages. */
export function formatDay(iso: string, now = new Date()): string {
  const date = new Date(iso)
  const days = daysBetween(date, now)
  if (days === 0 || days === 1) return sentence(relative.format(-days, 'day'))
  if (date.getFullYear() === now.getFullYear()) return dayInYear.format(date)
  return dayAndYear.format(date)
}

/** As short as it can be said in a list: the time today, then the weekday, then the date. */
export function formatBrief(iso: string, now = new Date()): string {
  const date = new Date(iso)
  const days = daysBetween(date, now)
  if (days <= 0) return time.format(date)
  if (days === 1) return sentence(relative.format(-1, 'day'))
  if (days < 7) return weekday.format(date)
  return date.getFullYear() === now.getFullYear() ? shortDay.format(date) : shortDate.format(date)
}

/** "5 minutes ago". */
export function formatAgo(iso: string, now = new Date()): string {
  const minutes = Math.max(0, Math.round((now.getTime() - new Date(iso).getTime()) / 60_000))
  if (minutes < 60) return relative.format(-minutes, 'minute')
  if (minutes < 24 * 60) return relative.format(-Math.round(minutes / 60), 'hour')
  return relative.format(-daysBetween(new Date(iso), now), 'day')
}
