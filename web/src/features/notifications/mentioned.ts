import { computed, h } from 'vue'
import type { VNodeChild } from 'vue'
import type { Mentions } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { useUsers } from '@/features/accounts/users'
import { useCards } from '@/features/profile/cards'

/** Shows the mentions of a message: each leads to the person's card, and one's own stand out. */
export function useMentioned(mentions: () => Mentions | null | undefined) {
  const session = useSession()
  const users = useUsers()
  const cards = useCards()

  const people = computed(() => {
    const ids = mentions()?.users ?? []
    users.need(ids.filter((id) => id !== session.myId))
    const named = ids.map((id) => (id === session.myId ? session.me : users.byId.get(id)))
    return new Map(named.flatMap((user) => (user ? [[user.username, { id: user.id, name: user.name }]] : [])))
  })

  return (name: string): VNodeChild | undefined => {
    if (name === 'all' && mentions()?.all) return h('span', { class: 'mention mine' }, '@all')
    const user = people.value.get(name)
    if (!user) return undefined
    if (user.id === session.myId) return h('span', { class: 'mention mine' }, `@${name}`)
    const onClick = (event: Event) => cards.open(user.id, event)
    return h('button', { type: 'button', class: 'mention', title: user.name, onClick }, `@${name}`)
  }
}
