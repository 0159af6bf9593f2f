import { Bookmark, BookmarkX, Copy, Eye, Flag, Forward, History, Link, MailOpen, MessageSquareText, Pencil, Pin, PinOff, Reply, SmilePlus, Trash2 } from '@lucide/vue'
import type { Action } from './allowed'

export const ICONS: Record<Action, typeof Copy> = {
  react: SmilePlus,
  reply: Reply,
  thread: MessageSquareText,
  forward: Forward,
  save: Bookmark,
  unsave: BookmarkX,
  mark_unread: MailOpen,
  edit: Pencil,
  copy_text: Copy,
  copy_link: Link,
  pin: Pin,
  unpin: PinOff,
  revisions: History,
  seen: Eye,
  report: Flag,
  delete: Trash2,
}
