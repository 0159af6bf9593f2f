import type { Account } from '@/api/types'

const KEY = 'parlor.account'

/** The account last signed in here, so that the page opens without a connection too. */
export function recallAccount(): Account | null {
  try {
    const text = localStorage.getItem(KEY)
    return text ? (JSON.parse(text) as Account) : null
  } catch {
    return null
  }
}

export function rememberAccount(account: Account): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(account))
  } catch {
    // Without storage the page just needs a connection to open.
  }
}

export function forgetAccount(): void {
  try {
    localStorage.removeItem(KEY)
  } catch {
    // Nothing was stored then.
  }
}
