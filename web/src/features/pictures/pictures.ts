import { answer, api } from '@/api/client'
import type { Account, Group, Uuid } from '@/api/types'

/** The types of files that the server makes a picture of. */
export const PICTURE_TYPES = 'image/jpeg,image/png,image/webp,image/gif'

/** What sends a file as it is, and not as JSON. */
export const asFile = (picture: Blob) => ({
  body: picture as unknown as string,
  bodySerializer: () => picture,
  headers: { 'Content-Type': picture.type },
})

export const setOwnPicture = (picture: Blob): Promise<Account> => answer(api.PUT('/users/me/picture', asFile(picture)))

export const removeOwnPicture = (): Promise<Account> => answer(api.DELETE('/users/me/picture'))

export const setGroupPicture = (id: Uuid, picture: Blob): Promise<Group> =>
  answer(api.PUT('/groups/{id}/picture', { params: { path: { id } }, ...asFile(picture) }))

export const removeGroupPicture = (id: Uuid): Promise<Group> =>
  answer(api.DELETE('/groups/{id}/picture', { params: { path: { id } } }))
