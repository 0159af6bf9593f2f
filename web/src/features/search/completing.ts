import { computed, watch } from 'vue'
import type { Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useDirectory } from '@/features/accounts/directory'
import { useConversations } from '@/features/conversations/conversations'
import { useNames } from '@/features/conversations/title'
import { matching } from '@/features/switcher/match'
import { FILTERS, begunIn, completed, dayBefore, withFilter } from './filters'
import type { Begun, Filter } from './filters'

/** Something that a press adds to the search. */
export interface Chip {
  key: string
  label: string
  hint: string
  /** The search with it. */
  text: string
}

const MOST = 6
const DAYS = [
  ['today', 0],
  ['yesterday', 1],
  ['week_ago', 7],
  ['month_ago', 30],
] as const
const CONTENTS = ['link', 'file', 'image'] as const

/** What can be added to a search: filters, and behind a filter what may follow it. */
export function useCompleting(text: Readonly<Ref<string>>, inConversation: boolean) {
  const { t } = useI18n()
  const conversations = useConversations()
  const { title, peerOf } = useNames()
  const directory = useDirectory()
  const begun = computed(() => begunIn(text.value))

  watch(begun, (now) => {
    if (now?.filter === 'from') directory.search.value = now.typed.replace(/^@/, '')
  })

  const filters = computed<Chip[]>(() =>
    FILTERS.filter((name) => !(inConversation && name === 'in')).map((name: Filter) => ({
      key: name,
      label: `${name}:`,
      hint: t(`search.filter.${name}`),
      text: withFilter(text.value, name),
    })),
  )

  function people(now: Begun): Chip[] {
    const me = 'me'.startsWith(now.typed) ? [{ value: 'me', hint: t('search.me') }] : []
    const others = (directory.found.value ?? []).map((user) => ({ value: user.username, hint: user.name }))
    return [...me, ...others].map(({ value, hint }) => ({ key: value, label: value, hint, text: completed(text.value, now, value) }))
  }

  function places(now: Begun): Chip[] {
    const all = conversations.recent.map((c) => ({ id: c.id, name: title(c), value: c.group?.name ?? c.peer?.username ?? '', peer: peerOf(c) }))
    return matching(now.typed.replace(/^[#@]/, ''), all, (place) => [place.name, place.value]).map(({ id, name, value, peer }) => ({
      key: id,
      label: name,
      hint: peer ? `@${peer.username}` : '',
      text: completed(text.value, now, value),
    }))
  }

  const days = (now: Begun): Chip[] =>
    DAYS.map(([name, ago]) => ({ name, day: dayBefore(new Date(), ago) }))
      .filter(({ day }) => day.startsWith(now.typed))
      .map(({ name, day }) => ({ key: name, label: t(`search.day.${name}`), hint: day, text: completed(text.value, now, day) }))

  const contents = (now: Begun): Chip[] =>
    CONTENTS.filter((name) => name.startsWith(now.typed)).map((name) => ({ key: name, label: t(`search.contents.${name}`), hint: '', text: completed(text.value, now, name) }))

  const chips = computed<Chip[]>(() => {
    const now = begun.value
    if (!now) return filters.value
    const sources = { from: people, in: places, has: contents, before: days, after: days, on: days }
    return sources[now.filter](now).slice(0, MOST)
  })
  return { chips, begun }
}
