import { computed } from 'vue'
import { dateTag } from '.'

/** Numbers as people write them, in the language of the page. */
const formats = computed(() => ({
  plain: new Intl.NumberFormat(dateTag.value),
  inUnit: (unit: string, digits: number, unitDisplay: 'short' | 'long' = 'short') =>
    new Intl.NumberFormat(dateTag.value, { style: 'unit', unit, unitDisplay, maximumSignificantDigits: digits }),
}))

export const formatNumber = (value: number) => formats.value.plain.format(value)

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** "1.2 MB", "12 bytes": in the largest unit that fits. The smallest has no sign that people know. */
export function formatBytes(bytes: number): string {
  const place = bytes < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(bytes) / 3))
  return formats.value.inUnit(SIZES[place]!, 3, place ? 'short' : 'long').format(bytes / 1000 ** place)
}

/** "0.25 ms", "12 ms", "1.5 sec": how long something took, from microseconds. */
export function formatTaken(microseconds: number): string {
  const seconds = microseconds >= 1_000_000
  return formats.value.inUnit(seconds ? 'second' : 'millisecond', 2).format(microseconds / (seconds ? 1_000_000 : 1_000))
}

/** "3 days", "5 hours", "12 minutes": how long something has lasted, in whole units. */
export function formatSpan(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000)
  const [value, unit] = minutes < 60 ? [minutes, 'minute'] : minutes < 48 * 60 ? [Math.floor(minutes / 60), 'hour'] : [Math.floor(minutes / 1_440), 'day']
  return formats.value.inUnit(unit as string, 15, 'long').format(value as number)
}
