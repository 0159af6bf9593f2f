import type { Conversation } from '@/api/types'
import { rankOf } from '@/features/groups/rank'
import type { MessageRow } from './rows'

export const ACTIONS = ['react', 'reply', 'thread', 'forward', 'save', 'unsave', 'mark_unread', 'edit', 'copy_text', 'copy_link', 'pin', 'unpin', 'revisions', 'seen', 'report', 'delete'] as const
export type Action = (typeof ACTIONS)[number]

export interface Actor {
  id: string
  isAdmin: boolean
}

const manages = (conversation: Conversation, actor: Actor) => !!conversation.group && rankOf(conversation, actor.isAdmin) !== 'member'

/** Whether nobody writes there now, however they stand to it. */
const isClosed = ({ group }: Conversation) => !!group?.archived_at || !!group?.frozen_at

/** Whether somebody may write in a conversation, and so reply, edit and pin there. */
export function mayWrite(conversation: Conversation, actor: Actor): boolean {
  return !isClosed(conversation) && (!conversation.group?.read_only || manages(conversation, actor))
}

/** What somebody may do with a message, by the rules of the server, in the order in which it is offered. */
export function allowed(row: MessageRow, conversation: Conversation, actor: Actor): Action[] {
  if (row.id === undefined || row.changes?.deleted_at) return []
  const mine = row.author === actor.id
  const writes = mayWrite(conversation, actor)
  const may: Record<Action, boolean> = {
    react: !isClosed(conversation),
    reply: writes,
    // Who may not write may read what others answered.
    thread: writes || (row.replies?.count ?? 0) > 0 || !!row.thread,
    forward: true,
    // Which of both is offered depends on what one has saved.
    save: true,
    unsave: true,
    mark_unread: true,
    // What somebody else said is not changed.
    edit: mine && writes && !row.forwarded,
    copy_text: row.body !== '',
    copy_link: true,
    pin: writes && !row.changes?.pinned_at,
    unpin: writes && !!row.changes?.pinned_at,
    revisions: !!row.changes?.edited_at && (mine || manages(conversation, actor)),
    // In a direct conversation the ticks say it.
    seen: mine && !!conversation.group,
    report: !mine,
    delete: mine || manages(conversation, actor),
  }
  return ACTIONS.filter((action) => may[action])
}
