import { useIntervalNow } from '@/i18n/now'
import type { CustomStatus } from '@/api/types'

/** After how long a status ends by itself, as it is offered. */
export const PRESETS = ['never', 'half_hour', 'hour', 'today', 'week', 'own'] as const
export type Preset = (typeof PRESETS)[number]

const HOUR_MS = 3_600_000

/** When a status that is said now ends; null when it does not by itself. Weeks end with their Sunday. */
export function endOf(preset: Preset, now: Date, own: string): Date | null {
  const midnight = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days)
  switch (preset) {
    case 'never':
      return null
    case 'half_hour':
      return new Date(now.getTime() + HOUR_MS / 2)
    case 'hour':
      return new Date(now.getTime() + HOUR_MS)
    case 'today':
      return midnight(1)
    case 'week':
      return midnight(now.getDay() === 0 ? 1 : 8 - now.getDay())
    case 'own':
      return new Date(own)
  }
}

/** What somebody says they are up to, as long as it holds. */
export function useStatusOf() {
  const now = useIntervalNow()
  return (status: CustomStatus | null | undefined): CustomStatus | null =>
    status && (!status.until || Date.parse(status.until) > now.value) ? status : null
}
