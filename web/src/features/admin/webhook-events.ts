import { useI18n } from 'vue-i18n'
import type { WebhookEvent } from '@/api/types'

export const WEBHOOK_EVENTS: WebhookEvent[] = [
  'message.posted',
  'message.edited',
  'message.deleted',
  'message.pinned',
  'message.unpinned',
  'reaction.added',
  'reaction.removed',
  'member.joined',
  'member.left',
  'member.changed',
  'group.changed',
]

/** Says in words what receivers of webhooks are told of. */
export function useWebhookEvents() {
  const { t } = useI18n()
  const eventName = (event: WebhookEvent) => t(`admin.outgoing.events.${event.replace('.', '_')}`)
  return { eventName }
}
