import { answer, api } from '@/api/client'
import { useSession } from '@/features/accounts/session'

/** The types of files that the server makes a picture of. */
export const PICTURE_TYPES = 'image/jpeg,image/png,image/webp,image/gif'

/** Gives oneself a picture, or takes it away. */
export function useOwnPicture() {
  const session = useSession()

  async function set(picture: Blob): Promise<void> {
    // The file is sent as it is, and not as JSON.
    const request = { body: picture as unknown as string, bodySerializer: () => picture, headers: { 'Content-Type': picture.type } }
    session.update(await answer(api.PUT('/users/me/picture', request)))
  }

  async function remove(): Promise<void> {
    session.update(await answer(api.DELETE('/users/me/picture')))
  }

  return { set, remove }
}
