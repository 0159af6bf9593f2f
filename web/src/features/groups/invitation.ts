// An invite link's secret stands behind the `#`. It is kept while somebody signs in or makes an
// account first, in this tab and not in an address, which would reach the server's log.

const KEY = 'parlor.invitation'

export function keepInvitation(secret: string): void {
  sessionStorage.setItem(KEY, secret)
}

export function keptInvitation(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined
}

export function forgetInvitation(): void {
  sessionStorage.removeItem(KEY)
}

/** Where somebody goes who is in now: to the group they were invited to, if they were. */
export function landing(): string {
  return keptInvitation() ? '/join' : '/c'
}
