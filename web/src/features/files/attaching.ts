import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useNotice } from '@/ui/notice'
import { filesOf } from './chosen'
import { useUploads } from './uploads'

/** What is attached in one composer, and in which state all of it is. */
export function useAttaching(key: string) {
  const { t } = useI18n()
  const uploads = useUploads()
  const notice = useNotice()
  const items = computed(() => uploads.byKey.get(key) ?? [])
  /** Why a message cannot be sent yet; empty when it can. */
  const obstacle = computed(() => {
    if (items.value.some((item) => item.state === 'failed')) return t('files.some_failed')
    return items.value.every((item) => item.state === 'done') ? '' : t('files.still_uploading')
  })

  function attach(files: File[]): void {
    const left = uploads.add(key, files)
    if (left > 0) notice.warn(t('files.too_many', { n: uploads.most() }, uploads.most()))
  }

  /** What was copied somewhere: files are attached, and of what is text as well, the text is meant. */
  function pasted(event: ClipboardEvent): void {
    const { files, folders } = filesOf(event.clipboardData)
    if (files.length + folders === 0 || event.clipboardData?.getData('text/plain')) return
    event.preventDefault()
    attach(files)
    if (folders > 0) notice.warn(t('files.folder'))
  }

  function dropped(data: DataTransfer | null): void {
    const { files, folders } = filesOf(data)
    attach(files)
    if (folders > 0) notice.warn(t('files.folder'))
  }

  return { items, obstacle, attach, pasted, dropped, take: () => uploads.take(key), keep: () => uploads.keep(key) }
}
