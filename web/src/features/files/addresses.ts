import type { SharedFile } from '@/api/types'

const SMALL_PX = 480
const LARGE_PX = 1_600

export const addressOf = (file: SharedFile) => `/api/v1/files/${file.id}`
export const downloadOf = (file: SharedFile) => `${addressOf(file)}?download=true`

/** Whether a picture moves, which its small versions do not. */
const moves = (file: SharedFile) => file.media_type === 'image/gif'

const thumbnailOf = (file: SharedFile, size: 'small' | 'large') => (file.has_thumbnail ? `${addressOf(file)}/thumbnail?size=${size}` : addressOf(file))

/** A small version of a picture, which stands still. */
export const smallOf = (file: SharedFile) => thumbnailOf(file, 'small')

/** A large version of a picture. What moves is shown itself, so that it does. */
export const largeOf = (file: SharedFile) => (moves(file) ? addressOf(file) : thumbnailOf(file, 'large'))

/** The still versions that a browser chooses from; undefined where there is only one. */
export function versionsOf(file: SharedFile): string | undefined {
  if (!file.has_thumbnail) return undefined
  const longer = Math.max(file.width ?? 0, file.height ?? 0) || LARGE_PX
  // The sizes are those of the longer side, and a browser asks by the width.
  const widthAt = (most: number) => Math.max(1, Math.round(((file.width ?? longer) * Math.min(most, longer)) / longer))
  const [small, large] = [widthAt(SMALL_PX), widthAt(LARGE_PX)]
  return small === large ? undefined : `${smallOf(file)} ${small}w, ${thumbnailOf(file, 'large')} ${large}w`
}

/** What an `img` in the place of a picture shows: the picture itself where it may move, and comes only when it is near. */
export function tileOf(file: SharedFile, still: boolean) {
  if (moves(file) && !still) return { loading: 'lazy', src: addressOf(file) } as const
  return { src: smallOf(file), srcset: versionsOf(file) }
}
