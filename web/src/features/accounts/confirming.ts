import { ref } from 'vue'
import { answer, api, asApiError } from '@/api/client'
import { hasPassword, leaveForProvider } from './oidc'

/**
 * What is dangerous asks for one's password; it is given once and then counts for a while. Who has none
 * leaves for the identity provider, which asks them anew, and comes back to where they were.
 */
export function useConfirming() {
  const asks = ref(false)
  const password = ref('')

  /** Runs it, after the password when that was typed. `false` when the password is asked for first. */
  async function confirmed(run: () => Promise<void>): Promise<boolean> {
    if (asks.value) {
      await answer(api.PUT('/users/me/confirmation', { body: { password: password.value } }))
      password.value = ''
      asks.value = false
    }
    try {
      await run()
      return true
    } catch (thrown) {
      if (asApiError(thrown).code !== 'confirmation_required') throw thrown
      if (await hasPassword()) asks.value = true
      else await leaveForProvider({ purpose: 'confirm', next: location.pathname })
      return false
    }
  }

  return { asks, password, confirmed }
}
