import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { asApiError } from '@/api/client'
import { resume } from './resuming'

interface Options {
  onProgress(bytes: number): void
}
let options: Options
let aborted: boolean

vi.mock('tus-js-client', () => ({
  Upload: class {
    url = '/api/v1/uploads/1'
    constructor(_: Blob, given: Options) {
      options = given
      aborted = false
    }
    start(): void {}
    abort(): void {
      aborted = true
    }
  },
}))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const source = new Blob(['0123456789'])
async function begun() {
  const { done } = resume(source, 'a', () => {}, {}, { address: undefined, found: () => {} })
  const failed = done.then(() => undefined, asApiError)
  await vi.dynamicImportSettled()
  return { failed }
}

it('an upload of which nothing is heard has lost its connection', async () => {
  const { failed } = await begun()
  await vi.advanceTimersByTimeAsync(59_000)
  options.onProgress(4)
  await vi.advanceTimersByTimeAsync(59_000)
  expect(aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(aborted).toBe(true)
  expect((await failed)?.unreachable).toBe(true)
})

it('the server has minutes to make a file of it once all bytes are out', async () => {
  const { failed } = await begun()
  await vi.advanceTimersByTimeAsync(1_000)
  options.onProgress(10)
  await vi.advanceTimersByTimeAsync(15 * 60_000 - 1)
  expect(aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(aborted).toBe(true)
  expect((await failed)?.unreachable).toBe(true)
})
