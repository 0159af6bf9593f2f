import { answer, api } from '@/api/client'
import type { SharedFile } from '@/api/types'
import { asFile } from '@/features/pictures/pictures'
import { told } from './media'
import { probe } from './probing'
import { LARGE_BYTES, resume } from './resuming'
import type { Place } from './resuming'
import { upload } from './transport'
import type { Sending } from './transport'

/** Uploads a file with all that the browser finds out about it. */
export function send(source: Blob, name: string, progress: (bytes: number) => void, place: Place, drawn: (poster: Blob) => void): Sending {
  let sending: Sending | undefined
  let isAborted = false
  async function all(): Promise<SharedFile> {
    const { facts, poster } = await probe(source)
    if (poster) drawn(poster)
    sending = source.size > LARGE_BYTES ? resume(source, name, progress, told(facts), place) : upload(source, name, progress, told(facts))
    if (isAborted) sending.abort()
    const file = await sending.done
    return poster && file.kind === 'video' ? withPoster(file, poster) : file
  }
  return {
    done: all(),
    abort() {
      isAborted = true
      sending?.abort()
    },
  }
}

/** A film is sent without a poster rather than not at all. */
async function withPoster(file: SharedFile, poster: Blob): Promise<SharedFile> {
  try {
    return await answer(api.PUT('/files/{id}/poster', { params: { path: { id: file.id } }, ...asFile(poster) }))
  } catch {
    return file
  }
}
