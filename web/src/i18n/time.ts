import { computed } from 'vue'
import { dateTag } from '.'

/** Moments as people write them, in the language of the page. */
const formats = computed(() => formatsOf(dateTag.value))

function formatsOf(tag: string) {
  const date = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, options)
  return {
    time: date({ hour: 'numeric', minute: '2-digit' }),
    weekday: date({ weekday: 'long' }),
    dayInYear: date({ weekday: 'long', day: 'numeric', month: 'long' }),
    dayAndYear: date({ day: 'numeric', month: 'long', year: 'numeric' }),
    shortDay: date({ day: 'numeric', month: 'short' }),
    shortDate: date({ day: 'numeric', month: 'numeric', year: '2-digit' }),
    moment: date({ dateStyle: 'long', timeStyle: 'short' }),
    utcDay: date({ day: 'numeric', month: 'short', timeZone: 'UTC' }),
    relative: new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }),
  }
}

const DAY_MS = 86_400_000

/** Whole days between two moments in local time. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()
  return Math.round((midnight(later) - midnight(earlier)) / DAY_MS)
}

function sentence(text: string): string {
  return text.charAt(0).toLocaleUpperCase(dateTag.value) + text.slice(1)
}

export const formatTime = (iso: string) => formats.value.time.format(new Date(iso))
/** A day that is told as a date in UTC, such as `2026-03-31`. */
export const formatUtcDay = (date: string) => formats.value.utcDay.format(new Date(date))
export const formatMoment = (iso: string) => formats.value.moment.format(new Date(iso))

/** "Today", "Yesterday", a weekday, a date: for the line between two days of messages. */
export function formatDay(iso: string, now = new Date()): string {
  const date = new Date(iso)
  const days = daysBetween(date, now)
  if (days === 0 || days === 1) return sentence(formats.value.relative.format(-days, 'day'))
  if (date.getFullYear() === now.getFullYear()) return formats.value.dayInYear.format(date)
  return formats.value.dayAndYear.format(date)
}

/** As short as it can be said in a list: the time today, then the weekday, then the date. */
export function formatBrief(iso: string, now = new Date()): string {
  const date = new Date(iso)
  const days = daysBetween(date, now)
  if (days <= 0) return formats.value.time.format(date)
  if (days === 1) return sentence(formats.value.relative.format(-1, 'day'))
  if (days < 7) return formats.value.weekday.format(date)
  return date.getFullYear() === now.getFullYear() ? formats.value.shortDay.format(date) : formats.value.shortDate.format(date)
}

/** "5 minutes ago". */
export function formatAgo(iso: string, now = new Date()): string {
  const minutes = Math.max(0, Math.round((now.getTime() - new Date(iso).getTime()) / 60_000))
  if (minutes < 60) return formats.value.relative.format(-minutes, 'minute')
  if (minutes < 24 * 60) return formats.value.relative.format(-Math.round(minutes / 60), 'hour')
  return formats.value.relative.format(-daysBetween(new Date(iso), now), 'day')
}

/** "18 seconds", "5 minutes", "1 hour": how long to wait, never less than it takes. */
export function formatWait(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000))
  const minutes = Math.ceil(seconds / 60)
  const [value, unit] = seconds < 60 ? [seconds, 'second'] : minutes < 60 ? [minutes, 'minute'] : [Math.ceil(minutes / 60), 'hour']
  return new Intl.NumberFormat(dateTag.value, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}
