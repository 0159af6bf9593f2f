import type { ApiError } from '@/api/problem'
import type { Upload } from './queue'

const PAUSE_MS = 2_000
/** So often is tried what may work the next time. */
const MOST_TRIES = 5
/** Whoever has to wait longer is asked whether to try again. */
const LONGEST_WAIT_MS = 60_000
/** What goes by itself. */
const PASSING = new Set(['unreachable', 'busy', 'rate_limited', 'unavailable', 'maintenance', 'upload_locked', 'upload_offset'])
/** Too slow, says the server, or what stands before it: the bytes that came are kept where an upload can go on. */
const TOO_SLOW = new Set([408, 504])

const isSlow = (error: ApiError) => error.code === 'timeout' || TOO_SLOW.has(error.status)

/** Whether the server has all bytes and still makes a file of them. With a large one that takes minutes, and is no fault. */
export const isPutTogether = ({ address, sent, bytes }: Upload, error: ApiError) => !!address && sent >= bytes && (error.code === 'upload_locked' || isSlow(error))

/** How long to wait before the server is asked again whether it is done. */
export const pauseToAsk = (asked: number) => Math.min(PAUSE_MS * 2 ** (asked - 1), LONGEST_WAIT_MS)

/** How long to wait after so many tries; undefined when another one has to be asked for. */
export function pauseToTry({ address }: Upload, error: ApiError, tries: number): number | undefined {
  const passes = PASSING.has(error.code) || (!!address && isSlow(error))
  const wait = error.retryAfterMs ?? PAUSE_MS * tries
  return passes && tries < MOST_TRIES && wait <= LONGEST_WAIT_MS ? wait : undefined
}
