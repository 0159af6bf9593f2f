import { answer, api, refused } from '@/api/client'
import { errorFrom } from '@/api/problem'
import type { ApiError } from '@/api/problem'
import type { SharedFile } from '@/api/types'
import type { Sending } from './transport'

/** Larger files go in pieces, so that what came of them need not be sent again. */
export const LARGE_BYTES = 8 * 1_024 * 1_024
/** Whoever hears nothing for so long has lost the connection without being told. */
const STALLED_MS = 60_000
/** Once all bytes are out, the server makes a file of them before it answers: it reads all of it again, and may send it on. */
const PUT_TOGETHER_MS = 15 * 60_000

/** Where the server keeps what came of a file. */
export interface Place {
  /** Its address, once it is known. */
  address: string | undefined
  /** It is there from now on. */
  found(address: string): void
}

/** What answers without a body mean. */
const CODES: Record<number, string> = { 401: 'unauthenticated', 423: 'upload_locked', 429: 'rate_limited', 503: 'unavailable' }
/** What came is not there any more. */
const GONE = new Set([403, 404, 410])

interface Failed {
  originalResponse?: { getStatus(): number; getBody(): string } | null
}

function problemOf(thrown: Error & Failed): ApiError {
  const response = thrown.originalResponse
  if (!response) return errorFrom(0, undefined)
  const status = response.getStatus()
  try {
    return refused(status, JSON.parse(response.getBody()))
  } catch {
    const code = CODES[status]
    return refused(status, code && { code })
  }
}

/** Uploads a file in pieces, by the tus protocol, from where it stopped. */
export function resume(source: Blob, name: string, told: (bytes: number) => void, facts: Record<string, string>, place: Place): Sending {
  const stopping = new AbortController()

  async function pieces(address: string | undefined): Promise<string> {
    const { Upload } = await import('tus-js-client')
    return await new Promise<string>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const alive = (bytes: number) => {
        clearTimeout(timer)
        timer = setTimeout(stop, bytes >= source.size ? PUT_TOGETHER_MS : STALLED_MS)
      }
      const done = () => {
        clearTimeout(timer)
        stopping.signal.removeEventListener('abort', stop)
      }
      const upload = new Upload(source, {
        // Without a place to begin anew, a fault of the server does not make it begin anew.
        ...(address ? { uploadUrl: address } : { endpoint: '/api/v1/uploads' }),
        chunkSize: LARGE_BYTES,
        retryDelays: null,
        storeFingerprintForResuming: false,
        metadata: { filename: name, filetype: source.type || 'application/octet-stream', ...facts },
        onProgress(bytes) {
          alive(bytes)
          told(bytes)
        },
        onUploadUrlAvailable() {
          if (upload.url && upload.url !== address) place.found(upload.url)
        },
        onSuccess() {
          done()
          resolve(upload.url ?? '')
        },
        onError(thrown) {
          done()
          reject(thrown)
        },
      })
      function stop(): void {
        done()
        void upload.abort()
        reject(errorFrom(0, undefined))
      }
      stopping.signal.addEventListener('abort', stop)
      if (stopping.signal.aborted) return stop()
      alive(0)
      upload.start()
    })
  }

  async function all(): Promise<SharedFile> {
    let { address } = place
    for (;;) {
      try {
        return await fileOf(await pieces(address))
      } catch (thrown) {
        const { originalResponse } = thrown as Failed
        const isGone = address && originalResponse && GONE.has(originalResponse.getStatus())
        if (!isGone) throw originalResponse === undefined ? thrown : problemOf(thrown as Error)
        address = undefined
      }
    }
  }

  return { done: all(), abort: () => stopping.abort() }
}

/** The file that an upload became. */
async function fileOf(address: string): Promise<SharedFile> {
  const upload = address.split('/').at(-1) ?? ''
  const { file } = await answer(api.GET('/uploads/{upload}', { params: { path: { upload } } }))
  if (!file) throw errorFrom(0, undefined)
  return file
}

/** Tells the server to let go of what came of a file. When it does not hear of it, it does so after a day. */
export function letGo(address: string): void {
  void fetch(address, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' }, keepalive: true }).catch(() => {})
}
