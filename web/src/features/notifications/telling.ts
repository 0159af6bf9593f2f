import { useI18n } from 'vue-i18n'
import type { AppNotification } from '@/api/types'
import { useConversations } from '@/features/conversations/conversations'
import { useNames } from '@/features/conversations/title'
import { isShown } from '@/features/threads/answers'
import { isolate } from '@/i18n/isolate'
import { useSession } from '@/features/accounts/session'

/** What a notification says in one sentence, and where it leads. */
export function useTelling() {
  const { t } = useI18n()
  const session = useSession()
  const conversations = useConversations()
  const { person } = useNames()

  function sentence(one: AppNotification): string {
    const name = isolate(person(one.actor))
    const c = one.conversation ? conversations.byId.get(one.conversation) : undefined
    const group = isolate(c?.group?.name ?? '')
    if (one.kind === 'reaction') return reacted(one, name)
    if (one.kind === 'role') return t('notifications.role', { name, role: t(`system.as_${one.entry?.role ?? 'member'}`), group })
    if (one.kind === 'ban_lifted' && one.conversation) return t('notifications.group_ban_lifted')
    return t(`notifications.${one.kind}`, { name, group })
  }

  function reacted(one: AppNotification, name: string): string {
    const reactions = one.entry?.message?.changes?.reactions ?? []
    const others = new Set(reactions.flatMap((reaction) => reaction.users))
    others.delete(session.myId)
    const emoji = reactions.map((reaction) => reaction.emoji).join(' ')
    const more = others.size - 1
    return more > 0 ? t('notifications.reaction_many', { name, n: more, emoji }, more) : t('notifications.reaction', { name, emoji })
  }

  function placeOf(one: AppNotification): string | undefined {
    if (one.kind === 'webhook_failed') return '/admin/programs'
    // Who may come into a group again is not in it yet.
    if (!one.conversation || one.kind === 'ban_lifted') return undefined
    const thread = one.entry?.message?.thread
    if (!isShown(thread)) return `/c/${one.conversation}/t/${thread!.seq}`
    return one.entry?.message ? `/c/${one.conversation}/m/${one.entry.seq}` : `/c/${one.conversation}`
  }

  return { sentence, placeOf }
}
