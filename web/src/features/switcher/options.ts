import { Compass, LogOut, MessageCirclePlus, Monitor, Moon, Settings, Sun, UserRoundPen, UsersRound } from '@lucide/vue'
import { computed } from 'vue'
import type { Component } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { Conversation, User } from '@/api/types'
import { useDirectory } from '@/features/accounts/directory'
import { useSession } from '@/features/accounts/session'
import { useUsers } from '@/features/accounts/users'
import { useConversations } from '@/features/conversations/conversations'
import { useDirect } from '@/features/conversations/direct'
import { useNames } from '@/features/conversations/title'
import { useDialogs } from '@/ui/dialogs'
import type { DialogName } from '@/ui/dialogs'
import { THEMES, useTheme } from '@/ui/theme'
import { matching } from './match'

const MOST = 8

/** Something to go to or to do. */
export interface Option {
  key: string
  name: string
  note: string
  /** Other texts it is found by. */
  also: string[]
  /** What stands before its name: a picture of this conversation or person, or an icon. */
  picture?: { id: string; picture: string | null; square: boolean; presence?: User['presence'] }
  icon?: Component
  unread: number
  run: () => unknown
}

const DIALOGS: { name: DialogName; icon: Component; label: string }[] = [
  { name: 'message', icon: MessageCirclePlus, label: 'conversations.new_message' },
  { name: 'group', icon: UsersRound, label: 'groups.new' },
  { name: 'rooms', icon: Compass, label: 'groups.browse' },
  { name: 'profile', icon: UserRoundPen, label: 'profile.edit' },
  { name: 'settings', icon: Settings, label: 'profile.settings' },
  { name: 'sign-out', icon: LogOut, label: 'accounts.sign_out' },
]
const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon }

/** Where one can go and what one can do, by what is typed. */
export function useOptions(done: () => void) {
  const { t } = useI18n()
  const router = useRouter()
  const session = useSession()
  const conversations = useConversations()
  const users = useUsers()
  const dialogs = useDialogs()
  const openDirect = useDirect()
  const { title, faceOf, peerOf, presenceOf } = useNames()
  const { theme, choose } = useTheme()
  const { search, found, foundBy, error } = useDirectory()

  function conversation(c: Conversation): Option {
    const peer = peerOf(c)
    const kind = c.group?.archived_at ? t('switcher.archived') : (c.group?.description ?? '')
    return {
      key: c.id,
      name: title(c),
      note: peer ? `@${peer.username}` : kind,
      also: peer ? [peer.username, peer.user_code] : [],
      picture: { id: c.peer?.id ?? c.id, picture: faceOf(c), square: !!c.group, presence: presenceOf(c) },
      unread: c.unread,
      run: () => (done(), router.push(`/c/${c.id}`)),
    }
  }

  function person(user: User): Option {
    return {
      key: user.id,
      name: user.name,
      note: `@${user.username}`,
      also: [user.username, user.user_code],
      picture: { id: user.id, picture: user.picture, square: false, presence: user.presence },
      unread: 0,
      run: async () => (await openDirect(user.id), done()),
    }
  }

  const action = (key: string, icon: Component, name: string, run: () => unknown): Option => ({ key, name, note: '', also: [], icon, unread: 0, run })
  const actions = computed<Option[]>(() => [
    ...DIALOGS.map(({ name, icon, label }) => action(name, icon, t(label), () => dialogs.open(name))),
    ...THEMES.filter((name) => name !== theme.value).map((name) =>
      action(`theme ${name}`, THEME_ICONS[name], t('switcher.theme', { name: t(`theme.${name}`) }), () => (choose(name), done())),
    ),
  ])

  const wanted = computed(() => search.value.trim())
  const textsOf = (option: Option) => [option.name, ...option.also]
  const known = computed(() => {
    const recent = conversations.recent.filter((c) => wanted.value !== '' || !c.group?.archived_at)
    // What is unread comes first, then what one used last; archives are for those who look for them.
    const order = (c: Conversation) => (c.group?.archived_at ? 2 : c.unread > 0 ? 0 : 1)
    return [...recent].sort((a, b) => order(a) - order(b)).map(conversation)
  })
  /** People one has no conversation with yet. Those whom only the server knows are found by it. */
  const others = computed(() => {
    if (wanted.value === '') return []
    const taken = new Set([session.myId, ...conversations.recent.map((c) => c.peer?.id)])
    const near = matching(wanted.value, [...users.byId.values()].map(person), textsOf)
    const told = foundBy.value === wanted.value ? (found.value ?? []) : []
    const all = new Map([...near, ...told.map(person)].map((option) => [option.key, option]))
    return [...all.values()].filter(({ key }) => !taken.has(key) && users.byId.get(key)?.status === 'active')
  })

  const groups = computed(() =>
    [
      { key: 'conversations', options: matching(wanted.value, known.value, textsOf).slice(0, MOST) },
      { key: 'people', options: others.value.slice(0, MOST) },
      { key: 'actions', options: matching(wanted.value, actions.value, textsOf) },
    ].filter(({ options }) => options.length > 0),
  )
  return { search, groups, error }
}
