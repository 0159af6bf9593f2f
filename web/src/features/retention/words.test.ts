import { describe, expect, it } from 'vitest'
import { i18n } from '@/i18n'
import { daysText, retentionText } from './words'

const t = i18n.global.t as (key: string, values: Record<string, unknown>, count: number) => string

describe('what is deleted in a conversation', () => {
  it('is nothing where everything is kept', () => {
    expect(retentionText(undefined, t)).toBe('')
    expect(retentionText({}, t)).toBe('')
  })

  it('is told with the days after which it goes', () => {
    expect(retentionText({ messages_days: 30, files_days: 30 }, t)).toBe('Messages are deleted after 30 days')
    expect(retentionText({ files_days: 1 }, t)).toBe('Files are deleted after 1 day')
    expect(retentionText({ messages_days: 30, files_days: 7 }, t)).toBe('Messages are deleted after 30 days, files after 7 days')
    expect(daysText(3650, t)).toBe('3650 days')
  })
})
