import { i18n } from '@/i18n'
import type { Uuid } from '@/api/types'
import type { useUsers } from '@/features/accounts/users'

/** What to call a person; who is nobody operates the machine, or is not known. */
export function nameOf(users: ReturnType<typeof useUsers>, id: Uuid | null): string {
  if (!id) return i18n.global.t('admin.nobody')
  const user = users.byId.get(id)
  if (user?.status === 'deleted') return `${i18n.global.t('people.deleted')} (${user.user_code})`
  return user ? `${user.name} (@${user.username})` : id
}
