import { expect, test } from 'vitest'
import { alone, clock, faster, silence, speed } from './playing'

const player = () => {
  const one = { paused: false, pause: () => (one.paused = true) }
  return one
}
const begins = (one: ReturnType<typeof player>) => alone({ target: one } as unknown as Event)

test('whoever begins to play ends the one before', () => {
  const [first, second] = [player(), player()]
  begins(first)
  begins(first)
  expect(first.paused).toBe(false)
  begins(second)
  expect([first.paused, second.paused]).toEqual([true, false])
  silence()
  expect(second.paused).toBe(true)
})

test('three speeds follow each other in a circle', () => {
  const seen = [1, 2, 3, 4].map(() => {
    const now = speed.value
    faster()
    return now
  })
  expect(seen).toEqual([1, 1.5, 2, 1])
})

test('a time is written as on a clock', () => {
  expect([0, 5.9, 65, 3_665, Infinity, NaN, -1].map(clock)).toEqual(['0:00', '0:05', '1:05', '1:01:05', '0:00', '0:00', '0:00'])
})
