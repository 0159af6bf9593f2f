import { dateTag } from '@/i18n'

/** The time zone of this browser. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** The time zones there are, with those that are wanted whatever this browser knows. */
export function zones(...wanted: (string | null | undefined)[]): string[] {
  return [...new Set([...wanted.filter((zone) => !!zone), 'UTC', ...Intl.supportedValuesOf('timeZone')] as string[])].sort()
}

/** What time it is there, or nothing where this browser does not know the zone. */
export function timeIn(zone: string, now: number): string | undefined {
  try {
    return new Intl.DateTimeFormat(dateTag.value, { hour: 'numeric', minute: '2-digit', weekday: 'short', timeZone: zone }).format(now)
  } catch {
    return undefined
  }
}
