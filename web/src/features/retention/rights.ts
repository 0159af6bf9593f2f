import type { Conversation, MemberRole } from '@/api/types'

/** Whether somebody says how long a conversation is kept: the owners of a group, either of two people, admins in the lobby. */
export function maySetRetention({ group }: Pick<Conversation, 'group'>, rank: MemberRole, isAdmin: boolean): boolean {
  if (!group) return true
  if (group.archived_at || (group.frozen_at && !isAdmin)) return false
  return group.lobby ? isAdmin : rank === 'owner'
}
