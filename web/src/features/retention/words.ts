import type { AppliedRetention } from '@/api/types'

type Translate = (key: string, values: Record<string, unknown>, count: number) => string

/** "30 days". */
export function daysText(days: number, t: Translate): string {
  return t('retention.days', { n: days }, days)
}

/** What is deleted in a conversation, and after how many days; nothing where everything is kept. */
export function retentionText(applied: AppliedRetention | null | undefined, t: Translate): string {
  const { messages_days: messages, files_days: files } = applied ?? {}
  if (!files) return ''
  const words = { messages: daysText(messages ?? files, t), files: daysText(files, t) }
  if (!messages) return t('retention.files_after', words, 1)
  return t(messages === files ? 'retention.messages_after' : 'retention.both_after', words, 1)
}
