import { shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { answer, api, asApiError } from '@/api/client'
import type { Conversation, Entry } from '@/api/types'
import { useRouter } from 'vue-router'
import { useSession } from '@/features/accounts/session'
import { useConversations } from '@/features/conversations/conversations'
import { useSaved } from '@/features/saved/saved'
import { useThreads } from '@/features/threads/threads'
import { copyText } from '@/ui/clipboard'
import { useSubmit } from '@/ui/form'
import { useNotice } from '@/ui/notice'
import { allowed } from './allowed'
import type { Action } from './allowed'
import { useComposing } from './composing'
import { useReacting } from './reacting'
import type { MessageRow } from './rows'
import { useTimelines } from './timelines'

/** What is asked about a message before something is done: which action, which emoji, what it said before, whether really. */
export interface Question {
  about: 'action' | 'emoji' | 'forward' | 'revisions' | 'seen' | 'report' | 'deletion'
  row: MessageRow
}

/** What differs where messages are shown in a thread. */
export interface Place {
  /** By which the composer there is known. */
  composer: string
  /** What is not offered there. */
  without: Action[]
}

/** Does what people choose to do with the messages of a conversation, or of a thread in it. */
export function useActing(conversation: () => Conversation, place?: () => Place) {
  const { t } = useI18n()
  const session = useSession()
  const composing = useComposing()
  const reacting = useReacting()
  const timelines = useTimelines()
  const threads = useThreads()
  const saved = useSaved()
  const conversations = useConversations()
  const router = useRouter()
  const notice = useNotice()
  const { describe } = useSubmit()
  const question = shallowRef<Question>()

  const ask = (about: Question['about'], row: MessageRow) => void (question.value = { about, row })
  const may = (row: MessageRow) =>
    allowed(row, conversation(), { id: session.myId, isAdmin: session.me?.role === 'admin' }).filter(
      (action) => !place?.().without.includes(action) && action !== (saved.byId.has(row.id ?? '') ? 'save' : 'unsave'),
    )

  /** A message as an answer brought it, wherever it is shown. */
  function apply(message: Entry): void {
    timelines.applyMessage(message)
    threads.applyMessage(message)
  }

  async function attempt(run: () => Promise<unknown>): Promise<void> {
    try {
      await run()
    } catch (thrown) {
      notice.warn(describe(asApiError(thrown)))
    }
  }

  async function copy(text: string, done: string): Promise<void> {
    if (await copyText(text)) notice.tell(t(done))
    else notice.warn(t('actions.copy_failed'))
  }

  const react = (row: MessageRow, emoji: string, wanted = true) =>
    attempt(() => reacting.react(row.id!, emoji, wanted))

  async function setPin(row: MessageRow, wanted: boolean): Promise<void> {
    const params = { path: { id: row.id! } }
    const request = wanted ? api.PUT('/messages/{id}/pin', { params }) : api.DELETE('/messages/{id}/pin', { params })
    apply(await answer(request))
  }

  async function remove(row: MessageRow): Promise<void> {
    apply(await answer(api.DELETE('/messages/{id}', { params: { path: { id: row.id! } } })))
  }

  async function keep(row: MessageRow, wanted: boolean): Promise<void> {
    await saved.set(row.id!, wanted)
    notice.tell(t(wanted ? 'saved.done' : 'saved.undone'))
  }

  function compose(mode: 'reply' | 'edit', row: MessageRow): void {
    composing.begin(place?.().composer ?? conversation().id, { mode, id: row.id!, author: row.author, body: row.body, files: row.files })
  }

  /** What one may not do is left alone. */
  function act(action: Action, row: MessageRow): void {
    question.value = undefined
    if (!may(row).includes(action)) return
    if (action === 'react') ask('emoji', row)
    else if (action === 'revisions') ask('revisions', row)
    else if (action === 'seen' || action === 'report') ask(action, row)
    else if (action === 'delete') ask('deletion', row)
    else if (action === 'forward') ask('forward', row)
    else if (action === 'save' || action === 'unsave') void attempt(() => keep(row, action === 'save'))
    else if (action === 'mark_unread') void attempt(() => conversations.markUnread(conversation().id, row.seq!))
    else if (action === 'thread') void router.push(`/c/${conversation().id}/t/${row.thread?.seq ?? row.seq}`)
    else if (action === 'reply' || action === 'edit') compose(action, row)
    else if (action === 'copy_text') void copy(row.body, 'messages.copied_text')
    else if (action === 'copy_link') void copy(`${location.origin}/c/${conversation().id}/m/${row.seq}`, 'messages.copied_link')
    else void attempt(() => setPin(row, action === 'pin'))
  }

  return { question, ask, may, act, react, remove }
}
