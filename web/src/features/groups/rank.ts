import type { Conversation, MemberRole } from '@/api/types'
import { useSession } from '@/features/accounts/session'

/** What somebody counts as where a group is managed: admins of the server count as owners, as the server has it. */
export function rankOf({ group, role }: Pick<Conversation, 'group' | 'role'>, isAdmin: boolean): MemberRole {
  return group && isAdmin ? 'owner' : role
}

/** One's own rank in a conversation. */
export function useRank() {
  const session = useSession()
  return (conversation: Conversation): MemberRole => rankOf(conversation, session.me?.role === 'admin')
}
