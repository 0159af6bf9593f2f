import { describe, expect, it } from 'vitest'
import { waitText } from './slow-mode'

const t = (key: string, _: Record<string, unknown>, count: number) => `${key} ${count}`

describe('a wait', () => {
  it('is told in the largest unit that says it exactly', () => {
    expect([0, 30, 90, 60, 900, 21_600].map((seconds) => waitText(seconds, t))).toEqual([
      'group_rules.no_wait 0',
      'group_rules.seconds 30',
      'group_rules.seconds 90',
      'group_rules.minutes 1',
      'group_rules.minutes 15',
      'group_rules.hours 6',
    ])
  })
})
