import { refused } from '@/api/client'
import { errorFrom } from '@/api/problem'
import type { SharedFile } from '@/api/types'

/** A file on its way to the server. */
export interface Sending {
  done: Promise<SharedFile>
  abort(): void
}

/** Uploads a file, with what is known about it. It is told how many bytes have left, which `fetch` does not tell. */
export function upload(source: Blob, name: string, told: (bytes: number) => void, facts: Record<string, string> = {}): Sending {
  const request = new XMLHttpRequest()
  const done = new Promise<SharedFile>((resolve, reject) => {
    request.open('POST', `/api/v1/files?${new URLSearchParams({ name, ...facts })}`)
    request.responseType = 'json'
    request.setRequestHeader('Content-Type', source.type || 'application/octet-stream')
    request.upload.onprogress = (event) => told(event.loaded)
    request.onload = () => {
      if (request.status === 201) resolve(request.response as SharedFile)
      else reject(refused(request.status, request.response))
    }
    request.onerror = request.onabort = () => reject(errorFrom(0, undefined))
    request.send(source)
  })
  return { done, abort: () => request.abort() }
}
