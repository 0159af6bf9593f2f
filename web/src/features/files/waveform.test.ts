import { expect, test } from 'vitest'
import { PARTS, fromBase64, rootMeanSquare, toBase64, waveformOf } from './waveform'

const tone = (length: number, loud: (at: number) => number) => Float32Array.from({ length }, (_, at) => (at % 2 ? 1 : -1) * loud(at))

test('where a sound is loud its waveform is high, and the loudest part is the highest', () => {
  const waveform = waveformOf(tone(1_000, (at) => (at < 500 ? 0.2 : 0.4)), 4)
  expect([...waveform]).toEqual([128, 128, 255, 255])
})

test('silence stays silence, and a hiss does not become a shout', () => {
  expect([...waveformOf(new Float32Array(100), 4)]).toEqual([0, 0, 0, 0])
  expect(Math.max(...waveformOf(tone(100, () => 0.001), 4))).toBeLessThan(30)
})

test('a waveform has as many parts as were asked for, and never more than there are samples', () => {
  expect(waveformOf(new Float32Array(10_000))).toHaveLength(PARTS)
  expect(waveformOf(new Float32Array(3))).toHaveLength(3)
  expect(waveformOf(new Float32Array(0))).toHaveLength(1)
})

test('every sample is in one part', () => {
  const lonely = (at: number) => waveformOf(tone(1_001, (sample) => (sample === at ? 1 : 0)), 10).filter((part) => part > 0).length
  for (const at of [0, 99, 100, 101, 500, 1_000]) expect(lonely(at)).toBe(1)
})

test('loudness is that of all samples together', () => {
  expect(rootMeanSquare(tone(10, () => 0.5))).toBeCloseTo(0.5)
  expect(rootMeanSquare(new Float32Array(0))).toBe(0)
})

test('a waveform travels as letters', () => {
  const bytes = Uint8Array.of(0, 127, 255, 255)
  expect(toBase64(bytes)).toBe('AH///w==')
  expect(fromBase64('AH///w==')).toEqual(bytes)
  for (const none of ['', '!', 'A']) expect(fromBase64(none)).toBeUndefined()
})
