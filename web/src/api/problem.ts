import type { FieldProblem, Problem } from './types'

/** What went wrong with a request, in the server's words where there are any. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly fields: FieldProblem[]
  readonly ban: NonNullable<Problem['ban']> | undefined
  readonly retryAfterMs: number | undefined
  /** The most bytes of one file, where one has more. */
  readonly maxBytes: number | undefined
  /** How many more bytes somebody may upload, where it is too much. */
  readonly leftBytes: number | undefined

  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.code = problem.code
    this.status = problem.status
    this.fields = problem.errors ?? []
    this.ban = problem.ban ?? undefined
    this.retryAfterMs = problem.retry_after_ms ?? undefined
    this.maxBytes = problem.max_bytes ?? undefined
    this.leftBytes = problem.left_bytes ?? undefined
  }

  /** True when the same may be answered otherwise a little later. */
  get isPassing(): boolean {
    return this.unreachable || this.status === 429 || this.status >= 500
  }

  /** True when no answer came at all, so nothing is known about what the server did. */
  get unreachable(): boolean {
    return this.status === 0
  }
}

const UNKNOWN: Problem = { type: 'about:blank', title: '', status: 0, code: 'unexpected', detail: '', request_id: '' }

/** Reads a failed answer. A proxy's HTML page or an empty body becomes a general problem. */
export function errorFrom(status: number, body: unknown): ApiError {
  if (typeof body === 'object' && body !== null && 'code' in body) {
    return new ApiError({ ...UNKNOWN, ...(body as Partial<Problem>), status })
  }
  return new ApiError({ ...UNKNOWN, status, code: status === 0 ? 'unreachable' : 'unexpected' })
}
