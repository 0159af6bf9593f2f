// An invite link's secret stands behind the `#`. It is kept while somebody signs in or makes an
// account first, in this tab and not in an address, which would reach the server's log.

import { ref } from 'vue'

const KEY = 'parlor.invitation'
const kept = ref(sessionStorage.getItem(KEY) ?? undefined)

export function keepInvitation(secret: string): void {
  sessionStorage.setItem(KEY, secret)
  kept.value = secret
}

export function keptInvitation(): string | undefined {
  return kept.value
}

export function forgetInvitation(): void {
  sessionStorage.removeItem(KEY)
  kept.value = undefined
}

/** Where somebody goes who is in now: to the group they were invited to, if they were. */
export function landing(): string {
  return keptInvitation() ? '/join' : '/c'
}
