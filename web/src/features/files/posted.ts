import type { Entry, PostedFile, Target } from '@/api/types'

/** The files that a new message brings, as the list has them: the last of them first. */
export function postedWith(entry: Entry): PostedFile[] {
  const { message } = entry
  if (!message?.files || !entry.actor || message.changes?.deleted_at) return []
  const about = { message_id: message.id, seq: entry.seq, thread_seq: message.thread?.seq ?? null, author: entry.actor, posted_at: entry.created_at }
  return message.files.map((file, position) => ({ ...about, file, position })).reverse()
}

/** Whether a message still has a file after a change was told of it. */
export function stays(posted: PostedFile, target: Target): boolean {
  if (posted.seq !== target.seq) return true
  if (target.changes.deleted_at) return false
  // Where no text is told, nothing is said of the files either.
  return target.body == null || !!target.files?.some((file) => file.id === posted.file.id)
}

/** The list after a change was told of; itself where nothing of it is different. */
export function followed(files: PostedFile[], entry: Entry, fits: (one: PostedFile) => boolean): PostedFile[] {
  const { target } = entry
  const left = target && !files.every((one) => stays(one, target)) ? files.filter((one) => stays(one, target)) : files
  const fresh = postedWith(entry).filter(fits)
  return fresh.length > 0 ? merged(left, fresh) : left
}

/** Whether a change that is told of may be one of the list: a new file, or a message that was deleted or says something else now. */
export const concerns = ({ message, target }: Entry) => !!message?.files?.length || (!!target && (!!target.changes.deleted_at || target.body != null))

/** Two parts of the list as one, in its order and each file of a message once. */
export function merged(some: PostedFile[], others: PostedFile[]): PostedFile[] {
  const all = new Map([...some, ...others].map((one) => [`${one.seq}.${one.position}`, one]))
  return [...all.values()].sort((a, b) => b.seq - a.seq || b.position - a.position)
}
