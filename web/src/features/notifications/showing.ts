import { defineStore } from 'pinia'
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { AppNotification, Entry, Uuid } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { useConversations } from '@/features/conversations/conversations'
import { useNames } from '@/features/conversations/title'
import { useFileWords } from '@/features/files/words'
import { isShown } from '@/features/threads/answers'
import { isAttending } from '@/ui/attention'
import { exclusiveRunner } from '@/realtime/exclusive'
import { isQuiet, isSilent } from './attention'
import { useNotifications } from './notifications'
import { usePush } from './push'
import { playTone } from './sound'
import { useTelling } from './telling'

/** Whether this browser shows notifications; each device decides for itself. */
const ENABLED = 'parlor.notifications'
/** What was shown lately in any tab, so that one tab speaks for all. */
const SHOWN = 'parlor.notified'
/** Which conversation somebody has in front of them in any tab. */
const ATTENDED = 'parlor.attended'
const REMEMBERED = 50
const LONGEST = 160

interface Telling {
  key: string
  title: string
  body: string
  conversation: Uuid | null
  path: string
}

const exclusively = exclusiveRunner('parlor-notifications')

function shownBefore(key: string): boolean {
  const shown: string[] = JSON.parse(localStorage.getItem(SHOWN) ?? '[]')
  if (shown.includes(key)) return true
  localStorage.setItem(SHOWN, JSON.stringify([...shown, key].slice(-REMEMBERED)))
  return false
}

/** Draws attention to what happens while the page is not looked at: by the browser, and by a tone. */
export const useShowing = defineStore('showing', () => {
  const { t } = useI18n()
  const router = useRouter()
  const session = useSession()
  const conversations = useConversations()
  const notifications = useNotifications()
  const push = usePush()
  const { person, title } = useNames()
  const { summary } = useFileWords()
  const { sentence, placeOf } = useTelling()
  const enabled = ref(localStorage.getItem(ENABLED) === 'on')
  const permission = ref(typeof Notification === 'undefined' ? 'unsupported' : Notification.permission)

  const openHere = () => (isAttending() ? String(router.currentRoute.value.params.id ?? '') : '')

  /** What this tab said that somebody has in front of them. */
  let attended = ''

  function attend(id = openHere()): void {
    if (id === attended) return
    if (localStorage.getItem(ATTENDED) === attended) localStorage.removeItem(ATTENDED)
    attended = id
    if (id) localStorage.setItem(ATTENDED, id)
  }
  for (const event of ['focus', 'blur']) window.addEventListener(event, () => attend())
  window.addEventListener('pagehide', () => attend(''))
  document.addEventListener('visibilitychange', () => attend())
  router.afterEach(() => attend())

  /** Asks the browser, which only listens while somebody clicks. */
  async function enable(): Promise<void> {
    if (permission.value === 'unsupported') return
    permission.value = await Notification.requestPermission()
    enabled.value = permission.value === 'granted'
    localStorage.setItem(ENABLED, enabled.value ? 'on' : 'off')
  }

  function disable(): void {
    enabled.value = false
    localStorage.setItem(ENABLED, 'off')
  }

  function entry(one: Entry): void {
    const c = conversations.byId.get(one.conversation)
    if (!c || one.kind !== 'message' || one.actor === session.myId || one.seq <= c.read_seq) return
    if (c.preferences.level !== 'all' || !isShown(one.message?.thread)) return
    const name = person(one.actor)
    const heading = c.group ? t('notifications.in', { name, group: title(c) }) : name
    void show({
      key: `${one.conversation}:${one.seq}`, title: heading, body: said(one),
      conversation: one.conversation, path: `/c/${one.conversation}/m/${one.seq}`,
    })
  }

  /** The text, or what was sent without any. */
  const said = (one: Entry | null | undefined) => one?.message?.body || (one?.message?.files?.length ? summary(one.message.files) : '')

  function notification(one: AppNotification): void {
    const about = one.entry ? `${one.conversation}:${one.entry.seq}` : one.id
    const key = one.kind === 'reaction' ? `${about}:${one.created_at}` : about
    const body = one.kind === 'reaction' ? '' : said(one.entry)
    void show({ key, title: sentence(one), body, conversation: one.conversation, path: placeOf(one) ?? '/c' })
  }

  async function show(telling: Telling): Promise<void> {
    const settings = notifications.settings
    const c = telling.conversation ? conversations.byId.get(telling.conversation) : undefined
    if (!settings || isQuiet(settings) || session.me?.presence === 'do_not_disturb' || (c && isSilent(c))) return
    await exclusively(async () => {
      const seen = telling.conversation && [openHere(), localStorage.getItem(ATTENDED)].includes(telling.conversation)
      if (shownBefore(telling.key) || seen) return
      if (settings.sound) playTone()
      // A device that is told while the page is closed is told by the same way while it is open, once.
      if (enabled.value && permission.value === 'granted' && !push.isOn) await tell(telling, settings.preview)
    })
  }

  async function tell({ key, title: heading, body, path }: Telling, preview: boolean): Promise<void> {
    const text = preview ? { body: body.slice(0, LONGEST) } : {}
    const shown = { ...text, tag: key, icon: '/icon-192.png' }
    const named = preview ? heading : t('notifications.hidden')
    try {
      const made = new Notification(named, shown)
      made.onclick = () => {
        window.focus()
        made.close()
        void router.push(path)
      }
    } catch {
      // Phones show what the service worker asks for, and nothing else.
      const registration = await navigator.serviceWorker?.getRegistration()
      await registration?.showNotification(named, { ...shown, data: { path } })
    }
  }

  return { enabled, permission, enable, disable, entry, notification }
})
