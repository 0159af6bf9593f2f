import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Conversation } from '@/api/types'
import { isolate } from '@/i18n/isolate'
import { formatAgo } from '@/i18n/time'
import { useNames } from './title'

/** The line under a conversation's title: whether the other is there, or how many there are. */
export function useStatus(conversation: () => Conversation) {
  const { t } = useI18n()
  const { peerOf, presenceOf, upTo } = useNames()
  return computed(() => {
    const c = conversation()
    if (c.group) {
      const members = t('groups.n_members', { n: c.group.member_count }, c.group.member_count)
      return c.group.description ? `${members} · ${isolate(c.group.description)}` : members
    }
    const peer = peerOf(c)
    if (!peer) return t('conversations.notes_hint')
    const text = upTo(peer.id)?.text
    if (text) return isolate(text)
    const presence = presenceOf(c)
    if (!presence) return t('presence.unknown')
    if (presence !== 'offline') return t(`presence.${presence}`)
    return peer.last_seen_at ? t('presence.last_seen', { ago: formatAgo(peer.last_seen_at) }) : t('presence.offline')
  })
}
