import { expect, test } from 'vitest'
import { recalled, remember, told } from './media'

test('facts are told by the names of the API', () => {
  const facts = { width: 1_920, height: 1_080, durationMs: 1_234.5, waveform: Uint8Array.of(0, 255) }
  expect(told(facts)).toEqual({ width: '1920', height: '1080', duration_ms: '1235', waveform: 'AP8=' })
  expect(told({})).toEqual({})
})

test('what the server would refuse is not told', () => {
  expect(told({ width: 0, height: 10 })).toEqual({})
  expect(told({ width: 10 })).toEqual({})
  expect(told({ width: 10, height: 16_385 })).toEqual({})
  for (const durationMs of [Infinity, NaN, -1, 8 * 24 * 3_600_000]) expect(told({ durationMs })).toEqual({})
  for (const length of [0, 101]) expect(told({ waveform: new Uint8Array(length) })).toEqual({})
})

test('what was recorded is known by its bytes', () => {
  const source = new Blob(['x'])
  remember(source, { durationMs: 5 })
  expect(recalled(source)).toEqual({ durationMs: 5 })
  expect(recalled(new Blob(['x']))).toBeUndefined()
})
