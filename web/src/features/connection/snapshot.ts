import { watch } from 'vue'
import { useSession } from '@/features/accounts/session'
import { useUsers } from '@/features/accounts/users'
import { useConversations } from '@/features/conversations/conversations'
import { dropSnapshots, loadSnapshot, saveSnapshot } from '@/realtime/storage'

const PAUSE_MS = 1_000
const MOST_USERS = 500

/** Keeps the list of conversations for a start without a connection, as long as one is signed in. */
export function useSnapshot() {
  const session = useSession()
  const users = useUsers()
  const conversations = useConversations()
  let timer: ReturnType<typeof setTimeout> | undefined

  function save(): void {
    timer = undefined
    const user = session.myId
    if (!user || !conversations.loaded) return
    void saveSnapshot({ user, conversations: conversations.recent, users: [...users.byId.values()].slice(-MOST_USERS) })
  }

  watch(
    () => conversations.recent,
    () => {
      timer ??= setTimeout(save, PAUSE_MS)
    },
  )

  /** Shows what was kept, unless the server was quicker. */
  async function restore(): Promise<void> {
    const user = session.myId
    const snapshot = await loadSnapshot(user)
    if (!snapshot || conversations.loaded || session.myId !== user) return
    users.put(snapshot.users)
    snapshot.conversations.forEach(conversations.put)
  }

  return { restore, drop: dropSnapshots }
}
