import { useI18n } from 'vue-i18n'
import { answer, api } from '@/api/client'
import type { Conversation, User } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { useUsers } from '@/features/accounts/users'
import type { Suggestion, SuggestionSource } from '@/features/messages/suggesting'

const MOST = 8
const PAGE = 100
/** Of larger groups those who come first by name are suggested; any other name can be typed. */
const PAGES = 10

/** Those whose username or name, or a word of it, begins with what was typed; usernames first. */
export function matching(people: User[], typed: string): User[] {
  const wanted = typed.toLocaleLowerCase()
  const rank = (user: User) => {
    if (user.username.startsWith(wanted)) return 0
    const words = user.name.toLocaleLowerCase().split(/\s+/)
    return words.some((word) => word.startsWith(wanted)) ? 1 : 2
  }
  return people.filter((user) => rank(user) < 2).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
}

/** Suggests the people of a conversation for a mention, and everybody to those who may mention all. */
export function useMentioning(conversation: () => Conversation): SuggestionSource {
  const { t } = useI18n()
  const session = useSession()
  const users = useUsers()
  let members: Promise<User[]> | undefined

  async function loadMembers(id: string): Promise<User[]> {
    const found: User[] = []
    let after: string | undefined
    for (let page = 0; page < PAGES; page += 1) {
      const query = { limit: PAGE, ...(after ? { after } : {}) }
      const answered = await answer(api.GET('/groups/{id}/members', { params: { path: { id }, query } }))
      found.push(...answered.items.map((member) => member.user))
      if (!answered.next) break
      after = answered.next
    }
    return found
  }

  async function people(typed: string): Promise<User[]> {
    const { group, peer } = conversation()
    if (!group) return peer ? [peer] : []
    if (group.lobby) {
      const query = { limit: MOST + 1, ...(typed ? { search: typed } : {}) }
      return (await answer(api.GET('/users', { params: { query } }))).items
    }
    members ??= loadMembers(group.id)
    // Whoever came or went is told by the next one.
    members.catch(() => (members = undefined))
    return members
  }

  function all(typed: string): Suggestion[] {
    const { group, role } = conversation()
    const may = group && (role !== 'member' || session.me?.role === 'admin')
    if (!may || !'all'.startsWith(typed.toLowerCase())) return []
    return [{ key: 'all', insert: '@all', label: '@all', hint: t('mentions.all_hint'), glyph: '@' }]
  }

  async function find(typed: string): Promise<Suggestion[]> {
    try {
      const found = (await people(typed)).filter((user) => user.id !== session.myId && user.status === 'active')
      users.put(found)
      const suggested = matching(found, typed).slice(0, MOST)
      const named = suggested.map((user) => ({
        key: user.id, insert: `@${user.username}`, label: user.name, hint: `@${user.username}`, person: user.id,
      }))
      return [...named, ...all(typed)]
    } catch {
      // Without the list one can still type the name.
      return all(typed)
    }
  }

  return { sign: '@', least: 0, find }
}
