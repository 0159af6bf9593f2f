import { describe, expect, it } from 'vitest'
import { formatBytes, formatNumber, formatSpan, formatTaken } from './numbers'

describe('numbers', () => {
  it('are told in the largest unit that fits', () => {
    expect([0, 999, 1_000, 1_234_567, 5e9, 2.5e15].map(formatBytes)).toEqual(['0 bytes', '999 bytes', '1 kB', '1.23 MB', '5 GB', '2,500 TB'])
    expect([250, 12_345, 1_500_000].map(formatTaken)).toEqual(['0.25 ms', '12 ms', '1.5 sec'])
    expect([0, 59 * 60_000, 47.9 * 3_600_000, 72 * 3_600_000].map(formatSpan)).toEqual(['0 minutes', '59 minutes', '47 hours', '3 days'])
    expect(formatNumber(1_234_567)).toBe('1,234,567')
  })
})
