import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { v7 as newUuid } from 'uuid'
import { errorFrom } from '@/api/problem'
import type { SharedFile, Uuid } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { PICTURE_TYPES } from '@/features/pictures/pictures'
import { systemClock } from '@/realtime/clock'
import { store, stored } from '@/ui/stored'
import { endingOf, fitting } from './names'
import { dropFile, dropFiles, keepAddress, keepFile, keptFiles } from './kept'
import { recalled, remember } from './media'
import { UploadQueue, mayRetry } from './queue'
import type { Upload } from './queue'
import { letGo } from './resuming'
import { send } from './sending'
import { discardUnsent } from './unsent'

/** What was uploaded and not sent is on the server for a day; what is nearly gone is not offered any more. */
const KEPT_MS = 23 * 3_600_000

const MOST = 10

/**
 * What is attached to messages that are not sent yet, per conversation and thread. It stays while other
 * conversations are open, and over a reload: as far as the server has it, and what it lacks with its bytes
 * where the browser keeps them.
 */
export const useUploads = defineStore('uploads', () => {
  const session = useSession()
  const byKey = shallowReactive(new Map<string, Upload[]>())
  /** What pictures and films look like before the server has them, by the id of their upload. */
  const previews = shallowReactive(new Map<string, string>())
  let prefix = ''
  let person: Uuid | undefined
  let connected = false

  const queue = new UploadQueue({
    clock: systemClock,
    send,
    online: () => connected && navigator.onLine,
    changed(key) {
      const before = byKey.get(key) ?? []
      const now = queue.of(key)
      if (now.length > 0) byKey.set(key, now)
      else byKey.delete(key)
      if (done(before).length < done(now).length) keep(key)
      // What is uploaded needs no bytes here any more, nor does what will never be.
      const over = now.filter((item) => item.state === 'done' || (item.state === 'failed' && !mayRetry(item)))
      for (const { id, state } of over) if (before.some((one) => one.id === id && one.state !== state)) void dropFile(id)
    },
    found: (item, address) => void keepAddress(item.id, address),
    letGo,
    drawn: preview,
    discarded: (file) => void discardUnsent(file),
  })

  const done = (uploads: Upload[]) => uploads.flatMap((item) => item.file ?? [])
  const most = () => session.server?.files.per_message ?? MOST

  function start(user: Uuid): void {
    prefix = `parlor.files.${user}.`
    person = user
    void goOn(user)
    for (const [key, text] of [...stored(prefix)]) {
      for (const file of read(text)) queue.add(attached(key, file.name, file.bytes, file.media_type, { state: 'done', file }))
      keep(key)
    }
  }

  /** Attaches again what was not uploaded when the page went. */
  async function goOn(user: Uuid): Promise<void> {
    for (const { id, key, name, source, facts, address } of await keptFiles(user)) {
      if (person !== user) return
      if (facts) remember(source, facts)
      preview(id, source)
      queue.add({ ...attached(key, name, source.size, source.type, { source, address }), id })
    }
  }

  /** Signed out: the bytes of what was not uploaded go. */
  function forget(): void {
    void dropFiles()
  }

  /** What is attached stays in the browser for when the person comes back. */
  function stop(): void {
    prefix = ''
    person = undefined
    connected = false
    queue.stop()
    for (const id of [...previews.keys()]) forgetPreview(id)
  }

  /** Keeps what is uploaded over a reload. */
  function keep(key: string): void {
    const files = done(queue.of(key))
    if (prefix) store(prefix + key, files.length > 0 ? JSON.stringify(files) : undefined)
  }

  /** Attaches files, as many as there is room for; how many there was none for. */
  function add(key: string, files: File[]): number {
    const room = Math.max(0, most() - (byKey.get(key)?.length ?? 0))
    for (const file of files.slice(0, room)) {
      const item = attached(key, fitting(file.name), file.size, file.type, { source: file, error: problemOf(file) })
      preview(item.id, file)
      if (person && !item.error) void keepFile({ id: item.id, user: person, key, name: item.name, source: file, facts: recalled(file) })
      queue.add(item.error ? { ...item, state: 'failed' } : item)
    }
    return Math.max(0, files.length - room)
  }

  function preview(id: string, source: Blob): void {
    if (!PICTURE_TYPES.split(',').includes(source.type)) return
    forgetPreview(id)
    previews.set(id, URL.createObjectURL(source))
  }

  /** What is wrong with a file without asking the server. */
  function problemOf(file: File) {
    const { max_bytes: limit, types } = session.server?.files ?? {}
    if (file.size === 0) return errorFrom(422, { code: 'file_empty' })
    if (types && !types.includes(endingOf(file.name))) return errorFrom(422, { code: 'file_type_refused' })
    return limit !== undefined && file.size > limit ? errorFrom(413, { code: 'file_too_large', max_bytes: limit }) : undefined
  }

  function remove(key: string, id: string): void {
    queue.remove(id)
    void dropFile(id)
    forgetPreview(id)
    keep(key)
  }

  function forgetPreview(id: string): void {
    const address = previews.get(id)
    if (address) URL.revokeObjectURL(address)
    previews.delete(id)
  }

  /** Hands over what is uploaded, to be sent. It is kept until `keep` is called, so that a reload loses nothing. */
  function take(key: string): SharedFile[] {
    const taken = queue.of(key).filter((item) => item.file)
    for (const { id } of taken) {
      queue.release(id)
      forgetPreview(id)
    }
    return done(taken)
  }

  const previewOf = (id: string) => previews.get(id)
  const retry = (id: string) => queue.retry(id)
  const pause = () => void (connected = false)

  function resume(): void {
    connected = true
    queue.resume()
  }
  // The stream is not always the first one to notice.
  window.addEventListener('online', () => queue.resume())

  return { byKey, most, start, stop, forget, add, remove, take, keep, previewOf, retry, pause, resume }
})

function attached(key: string, name: string, bytes: number, type: string, more: Partial<Upload>): Upload {
  return { id: newUuid(), key, name, bytes, type, source: undefined, state: 'waiting', sent: 0, error: undefined, file: undefined, address: undefined, ...more }
}

/** What is kept, as far as it is still there. */
function read(text: string): SharedFile[] {
  try {
    const files = JSON.parse(text) as SharedFile[]
    return files.filter((file) => Date.now() - Date.parse(file.created_at) < KEPT_MS)
  } catch {
    return []
  }
}
