import { expect, test } from 'vitest'
import { canRecord, nameOf, problemOf } from './recording'

test('a recording is called by when it was', () => {
  expect(nameOf(new Date(2026, 10, 22, 8, 15), 'webm')).toBe('voice-2026-11-22-0815.webm')
  expect(nameOf(new Date(2026, 0, 2, 23, 5), 'mp4')).toBe('voice-2026-01-02-2305.mp4')
})

test('it is told apart why nothing can be recorded', () => {
  const problem = (name: string) => problemOf(new DOMException('', name))
  expect(['NotAllowedError', 'SecurityError', 'NotFoundError', 'NotReadableError'].map(problem)).toEqual(['denied', 'denied', 'no_microphone', 'failed'])
  expect(problemOf(new TypeError('x'))).toBe('failed')
})

test('a browser without a recorder is not asked to record', () => {
  expect(canRecord()).toBe(false)
})
