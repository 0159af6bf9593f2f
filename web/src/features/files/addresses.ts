import type { SharedFile } from '@/api/types'

const SMALL_PX = 480
const LARGE_PX = 1_600

export const addressOf = (file: SharedFile) => `/api/v1/files/${file.id}`
export const downloadOf = (file: SharedFile) => `${addressOf(file)}?download=true`

/** A small version of a picture. What moves is shown itself, because a small version stands still. */
function smaller(file: SharedFile, size: 'small' | 'large'): string {
  const still = file.has_thumbnail && file.media_type !== 'image/gif'
  return still ? `${addressOf(file)}/thumbnail?size=${size}` : addressOf(file)
}

export const smallOf = (file: SharedFile) => smaller(file, 'small')
export const largeOf = (file: SharedFile) => smaller(file, 'large')

/** The versions that a browser chooses from; undefined where there is only one. */
export function versionsOf(file: SharedFile): string | undefined {
  if (smallOf(file) === largeOf(file)) return undefined
  const longer = Math.max(file.width ?? 0, file.height ?? 0) || LARGE_PX
  // The sizes are those of the longer side, and a browser asks by the width.
  const widthAt = (most: number) => Math.max(1, Math.round(((file.width ?? longer) * Math.min(most, longer)) / longer))
  const [small, large] = [widthAt(SMALL_PX), widthAt(LARGE_PX)]
  return small === large ? undefined : `${smallOf(file)} ${small}w, ${largeOf(file)} ${large}w`
}
