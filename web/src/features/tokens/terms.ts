import { useI18n } from 'vue-i18n'
import type { ApiToken } from '@/api/types'
import { formatAgo, formatMoment } from '@/i18n/time'

/** Says in words what a token may do, and since and until when. */
export function useTokenTerms() {
  const { t } = useI18n()

  function terms({ scopes, expires_at, group }: ApiToken): string {
    if (group) return t('tokens.webhook')
    const may = scopes.map((scope) => t(`tokens.scopes.${scope}`)).join(', ')
    const end = expires_at ? t('invite_links.ends_at', { at: formatMoment(expires_at) }) : t('invite_links.no_end')
    return `${may} · ${end}`
  }

  function used({ last_used_at }: ApiToken): string {
    return last_used_at ? t('tokens.used', { ago: formatAgo(last_used_at) }) : t('tokens.unused')
  }

  return { terms, used }
}
