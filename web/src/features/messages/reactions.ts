import type { Reaction, Uuid } from '@/api/types'

/** Offered at once, before the picker. */
export const FREQUENT = ['👍', '❤️', '😂', '🎉', '😮', '😢']

/** The reactions as they will be once the server has done what one asked for. */
export function withWish(reactions: Reaction[], emoji: string, me: Uuid, wanted: boolean): Reaction[] {
  const present = reactions.find((r) => r.emoji === emoji)
  if (!present) return wanted ? [...reactions, { emoji, users: [me] }] : reactions
  if (present.users.includes(me) === wanted) return reactions
  const users = wanted ? [...present.users, me] : present.users.filter((user) => user !== me)
  if (users.length === 0) return reactions.filter((r) => r !== present)
  return reactions.map((r) => (r === present ? { emoji, users } : r))
}
