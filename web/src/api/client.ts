import createClient from 'openapi-fetch'
import { ApiError, errorFrom } from './problem'
import type { paths } from './types'

/** The HTTP API. The session is an HttpOnly cookie, so no credentials pass through here. */
export const api = createClient<paths>({ baseUrl: '/api/v1' })

interface Result<T> {
  data?: T
  error?: unknown
  response: Response
}

type SignedOut = () => void
let onSignedOut: SignedOut = () => {}

/** Sets what happens when the server no longer knows the session. */
export function whenSignedOut(handler: SignedOut): void {
  onSignedOut = handler
}

/** Waits for a request and gives its answer, or throws an `ApiError`. */
export async function answer<T>(request: Promise<Result<T>>): Promise<T> {
  let result: Result<T>
  try {
    result = await request
  } catch {
    throw errorFrom(0, undefined)
  }
  if (result.response.ok) return result.data as T
  throw refused(result.response.status, result.error)
}

/** What a failed answer says, whichever way it came. It may say that nobody is signed in any more. */
export function refused(status: number, body: unknown): ApiError {
  const error = errorFrom(status, body)
  if (error.code === 'unauthenticated') onSignedOut()
  return error
}

/** Turns whatever was thrown into an `ApiError`. */
export function asApiError(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : errorFrom(0, undefined)
}
