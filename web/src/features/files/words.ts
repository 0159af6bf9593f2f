import { useI18n } from 'vue-i18n'
import type { ApiError } from '@/api/problem'
import type { SharedFile } from '@/api/types'
import { firstLine } from '@/features/messages/fold'
import { isolate } from '@/i18n/isolate'
import { formatBytes } from '@/i18n/numbers'
import { useSubmit } from '@/ui/form'
import { shortened } from './names'
import type { Upload } from './queue'

interface Said {
  body: string
  files?: SharedFile[] | null
}

/** What is said about files. */
export function useFileWords() {
  const { t, te } = useI18n()
  const { describe } = useSubmit()

  /** Files in a few words: the name of one, or how many there are. */
  function summary(files: SharedFile[]): string {
    if (files.length === 1) return isVoice(files[0]!) ? t('files.voice') : shortened(files[0]!.name)
    const kinds = new Set(files.map((file) => file.kind))
    const n = files.length
    return t(kinds.size === 1 ? `files.n_${[...kinds][0]}` : 'files.n', { n }, n)
  }

  /** A message in one line: its text, or what was sent without any. */
  function gist({ body, files }: Said): string {
    return firstLine(body) || (files?.length ? summary(files) : '')
  }

  /** Why a file could not be uploaded, and what to do. */
  function problem(error: ApiError): string {
    const known = `files.problems.${error.code}`
    if (!te(known)) return describe(error)
    return t(known, { most: formatBytes(error.maxBytes ?? 0), left: formatBytes(error.leftBytes ?? 0) })
  }

  /** How far an upload is. */
  function state(upload: Upload): string {
    if (upload.state === 'failed') return upload.error ? problem(upload.error) : t('problems.unexpected')
    if (upload.state === 'done') return formatBytes(upload.bytes)
    if (upload.state === 'sending') return t('files.sent', { sent: formatBytes(upload.sent), bytes: formatBytes(upload.bytes) })
    if (!upload.error) return t('files.waiting')
    return t(upload.error.unreachable ? 'files.offline' : 'files.again')
  }

  /** A name in a sentence. */
  const named = (name: string, most?: number) => isolate(shortened(name, most))

  /** Whether somebody said it into a microphone, and not only shared a sound. */
  const isVoice = (file: SharedFile) => file.kind === 'audio' && !!file.waveform

  return { summary, gist, state, named, isVoice }
}
