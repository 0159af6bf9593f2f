import { describe, expect, it } from 'vitest'
import { formatWait } from './time'

describe('a time to wait', () => {
  it('is told in the largest unit that fits, and never shorter than it is', () => {
    const told = [1, 1_001, 59_001, 60_001, 3_540_001, 3_599_900, 3_600_001].map(formatWait)
    expect(told).toEqual(['1 second', '2 seconds', '1 minute', '2 minutes', '1 hour', '1 hour', '2 hours'])
  })
})
