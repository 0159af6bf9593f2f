import { i18n } from '@/i18n'
import { formatMoment } from '@/i18n/time'

/** Why somebody is kept out or from writing, and until when; for good when neither end is there. */
export interface Term {
  reason: string
  minutes?: number
  until?: string
}

/** What is known of a ban or a mute that holds, or of one that is over. */
export interface Ending {
  until: string | null
  lifted_at: string | null
}

/** When it ends, ended, or was taken back, in words. */
export function endingOf({ until, lifted_at }: Ending, active: boolean): string {
  const { t } = i18n.global
  if (lifted_at && lifted_at !== until) return t('admin.bans.lifted', { at: formatMoment(lifted_at) })
  if (!until) return t('admin.bans.for_good')
  return t(active ? 'admin.bans.until' : 'admin.bans.ended', { at: formatMoment(until) })
}
