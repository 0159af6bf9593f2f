import { useI18n } from 'vue-i18n'
import type { Conversation, CustomStatus } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { useUsers } from '@/features/accounts/users'
import { useConnection } from '@/features/connection/connection'
import { useStatusOf } from '@/features/profile/status'

/** Names for people and conversations, as the reader knows them. */
export function useNames() {
  const { t } = useI18n()
  const session = useSession()
  const users = useUsers()
  const connection = useConnection()
  const statusOf = useStatusOf()

  function person(id: string | null | undefined): string {
    if (!id) return t('people.server')
    if (id === session.myId) return session.me?.name ?? ''
    const user = users.byId.get(id)
    if (!user) return t('people.unknown')
    return user.status === 'deleted' ? t('people.deleted') : user.name
  }

  function pictureOf(id: string | null | undefined): string | null {
    if (!id) return null
    return (id === session.myId ? session.me?.picture : users.byId.get(id)?.picture) ?? null
  }

  /** Whether it is a program. */
  function isBot(id: string | null | undefined): boolean {
    return !!id && users.byId.get(id)?.bot === true
  }

  /** The picture that stands for a conversation: its group's, or the other person's. */
  function faceOf(c: Conversation): string | null {
    return c.group ? c.group.picture : pictureOf(c.peer?.id)
  }

  /** What somebody says they are up to. */
  function upTo(id: string | null | undefined): CustomStatus | null {
    if (!id) return null
    return statusOf(id === session.myId ? session.me?.custom_status : users.byId.get(id)?.custom_status)
  }

  function title(c: Conversation): string {
    if (c.group) return c.group.name
    if (!c.peer || c.peer.id === session.myId) return t('conversations.notes')
    return person(c.peer.id)
  }

  /** The other person of a direct conversation; undefined for groups and notes to oneself. */
  function peerOf(c: Conversation) {
    if (!c.peer || c.peer.id === session.myId) return undefined
    return users.byId.get(c.peer.id) ?? c.peer
  }

  /** What is known of the other's presence; without a connection, nothing is. */
  function presenceOf(c: Conversation) {
    return connection.state.name === 'waiting' ? undefined : peerOf(c)?.presence
  }

  return { person, title, pictureOf, isBot, faceOf, upTo, peerOf, presenceOf }
}
