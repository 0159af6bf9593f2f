import { ref } from 'vue'
import { answer, api } from '@/api/client'
import { useSession } from './session'

// The way to the identity provider and back leaves this page. What one went for is kept in this tab
// meanwhile; that it is so is known by the server, and not by what stands here.

const KEY = 'parlor.oidc'

export interface Errand {
  purpose: 'sign_in' | 'link' | 'confirm'
  /** Where one wants to be afterwards. */
  next?: string
  remember?: boolean
  /** The token of the invitation with which an account is made. */
  invite?: string
}

/** Goes to the identity provider for something. */
export async function leaveForProvider(errand: Errand): Promise<void> {
  const { purpose } = errand
  const request = purpose === 'sign_in' ? api.POST('/auth/oidc') : api.POST('/users/me/oidc', { body: { purpose } })
  const { url } = await answer<{ url: string }>(request)
  sessionStorage.setItem(KEY, JSON.stringify(errand))
  location.assign(url)
}

/** What one went for, told once. */
export function takeErrand(): Errand | undefined {
  const kept = sessionStorage.getItem(KEY)
  sessionStorage.removeItem(KEY)
  try {
    return kept ? (JSON.parse(kept) as Errand) : undefined
  } catch {
    return undefined
  }
}

/** A path of this page that somebody wanted to go to, or else nothing. */
export function wanted(next: unknown): string | undefined {
  return typeof next === 'string' && /^\/(c|admin|people)\b/.test(next) ? next : undefined
}

/** Whether one has a password; who signs in at the identity provider may have none. */
export async function hasPassword(): Promise<boolean> {
  if (!useSession().server?.oidc) return true
  return (await answer(api.GET('/users/me/sign-in-methods'))).has_password
}

/** The same for a form, which assumes that there is one until it knows better. */
export function useHasPassword() {
  const known = ref(true)
  const load = async () => void (known.value = await hasPassword())
  // Without an answer the form asks for a password, and the server tells what it thinks of that.
  load().catch(() => {})
  return { hasOne: known, load }
}
