// Signing in at an identity provider, in a real browser and through the provider's own page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { IdentityProvider } from './support/oidc.mjs'
import { PASSWORD, Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'
import { codeOf } from './support/totp.mjs'

const PHONE = { width: 360, height: 740 }
const MIA = { sub: 'mia', preferred_username: 'Mia Söder', name: 'Mia Söder', email: 'mia@example.org', email_verified: true }
let browser
let provider
let server
let mia

before(async () => {
  provider = await IdentityProvider.start()
  server = await Server.start(provider.settings)
  browser = await launch()
  await Member.setUp(server, 'root', 'Root Admin')
  mia = await Person.at(browser, server, { bypassCSP: true, viewport: PHONE })
})

after(async () => {
  await browser?.close()
  await server?.stop()
  provider?.stop()
})

/** Signs in on the provider's page, to which the browser went. */
async function signInThere(page) {
  await page.getByRole('heading', { name: 'Example ID', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function comeIn(person, claims) {
  provider.claims = claims
  await person.page.goto('/sign-in')
  await person.page.getByRole('button', { name: 'Continue with Example ID' }).click()
  await signInThere(person.page)
}

/** A part of the dialog about one's security. */
async function section(page, name) {
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Password and devices' }).click()
  const found = page.getByRole('region', { name, exact: true })
  await found.waitFor()
  return found
}

test('somebody new comes in through the provider, and nothing of it stays in the address', async () => {
  const { page } = mia
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Continue with Example ID' }).waitFor()
  await assertAccessibleInBoth(page, 'signing in with a provider')
  await page.getByRole('button', { name: 'Continue with Example ID' }).click()
  await page.getByRole('link', { name: 'Cancel' }).click()
  await page.getByText('You did not finish signing in at Example ID.').waitFor()
  assert.equal(new URL(page.url()).search, '', 'what came back stays in the address')
  await assertAccessibleInBoth(page, 'a sign-in that was given up')
  await page.getByRole('link', { name: 'Back to sign-in' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await comeIn(mia, MIA)
  await mia.arrive()
  assert.deepEqual(mia.faults, [])
})

test('without a password one is asked by the provider, and chooses one', async () => {
  const { page } = mia
  const password = await section(page, 'Password')
  await password.getByText('You have no password yet.').waitFor()
  const methods = page.getByRole('region', { name: 'Sign in with Example ID' })
  await methods.getByText('Linked as mia@example.org').waitFor()
  await methods.getByText('To unlink it, choose a password first.').waitFor()
  await assertAccessibleInBoth(page, 'an account without a password')
  assert.equal(await password.getByLabel('Current password').count(), 0)
  await password.getByLabel('New password', { exact: true }).fill(PASSWORD)
  await password.getByLabel('Confirm new password').fill(PASSWORD)
  await password.getByRole('button', { name: 'Choose password' }).click()
  // Signing in counted as the proof.
  await password.getByText('Your password was changed.').waitFor()
  await password.getByLabel('Current password').waitFor()
  await page.keyboard.press('Escape')
  const guest = await Person.at(browser, server)
  await guest.signIn('mia.soder', PASSWORD)
  await guest.context.close()
})

test('a session that is no fresh proof goes to the provider for one and comes back', async () => {
  const eve = await Person.at(browser, server)
  const { page } = eve
  await comeIn(eve, { sub: 'eve', preferred_username: 'eve', name: 'Eve' })
  await eve.arrive()
  // What ten minutes do, without waiting for them.
  let isOld = true
  await page.route('**/api/v1/users/me/recovery-codes', (route) => {
    if (route.request().method() !== 'POST' || !isOld) return route.continue()
    isOld = false
    const problem = { type: 'about:blank', title: 'Forbidden', status: 403, code: 'confirmation_required', detail: 'x', request_id: 'x' }
    return route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify(problem) })
  })
  let codes = await section(page, 'Recovery codes')
  await codes.getByRole('button', { name: 'Get new codes' }).click()
  await signInThere(page)
  await page.getByText('You confirmed that it is you.').waitFor()
  const { prompt, max_age } = provider.visits.at(-1)
  assert.deepEqual({ prompt, max_age }, { prompt: 'login', max_age: '0' })
  codes = await section(page, 'Recovery codes')
  await codes.getByRole('button', { name: 'Get new codes' }).click()
  await codes.getByRole('list', { name: 'Recovery codes' }).waitFor()
  assert.deepEqual(eve.faults, [])
  await eve.context.close()
})

test('an account with a password is linked, signs in by it, and is unlinked', async () => {
  const ana = await Person.at(browser, server, { bypassCSP: true })
  const { page } = ana
  await ana.signUp('ana', 'Ana Pop')
  const claims = { sub: 'ana there', email: 'ana@example.org', email_verified: true }
  provider.claims = claims
  let methods = await section(page, 'Sign in with Example ID')
  await methods.getByRole('button', { name: 'Link with Example ID' }).click()
  await signInThere(page)
  await page.getByText('Your account is linked with Example ID now.').waitFor()
  methods = await section(page, 'Sign in with Example ID')
  await methods.getByText('Linked as ana@example.org').waitFor()
  await page.keyboard.press('Escape')
  const guest = await Person.at(browser, server)
  await comeIn(guest, claims)
  await guest.arrive()
  await guest.page.getByRole('button', { name: /^Account and settings.*Ana Pop/ }).waitFor()
  await guest.context.close()
  methods = await section(page, 'Sign in with Example ID')
  await methods.getByRole('button', { name: 'Unlink Example ID' }).click()
  await methods.getByRole('button', { name: 'Link with Example ID' }).waitFor()
  await ana.context.close()
})

test('who has a second factor here gives its code after the provider', async () => {
  const tea = await Person.at(browser, server, { bypassCSP: true })
  await tea.signUp('tea', 'Tea Rus')
  provider.claims = { sub: 'tea there' }
  const methods = await section(tea.page, 'Sign in with Example ID')
  await methods.getByRole('button', { name: 'Link with Example ID' }).click()
  await signInThere(tea.page)
  await tea.page.getByText('Your account is linked with Example ID now.').waitFor()
  const factor = await section(tea.page, 'Two-factor sign-in')
  await factor.getByRole('button', { name: 'Set up' }).click()
  const key = await factor.getByLabel('Key').inputValue()
  await factor.getByLabel('Code', { exact: true }).fill(codeOf(key))
  await factor.getByRole('button', { name: 'Turn on' }).click()
  await factor.getByText('Two-factor sign-in is on.').waitFor()
  await tea.context.close()

  const guest = await Person.at(browser, server, { bypassCSP: true, viewport: PHONE })
  await comeIn(guest, provider.claims)
  await guest.page.getByText('Example ID knows you.').waitFor()
  await guest.page.getByLabel('Code', { exact: true }).fill('12345')
  await guest.page.getByRole('button', { name: 'Sign in' }).click()
  await guest.page.getByText('The code is wrong, or was used before.').waitFor()
  await assertAccessibleInBoth(guest.page, 'the code after the provider')
  await guest.page.getByLabel('Code', { exact: true }).fill(codeOf(key, 1))
  await guest.page.getByRole('button', { name: 'Sign in' }).click()
  await guest.arrive()
  await guest.context.close()
})

test('who may not come in is told why, in words', async () => {
  await Member.register(server, 'zoe', 'Zoe', { email: 'zoe@example.org' })
  const guest = await Person.at(browser, server, { bypassCSP: true, viewport: PHONE })
  await comeIn(guest, { sub: 'zoe there', email: 'zoe@example.org', email_verified: true })
  await guest.page.getByText('An account with your e-mail address is here already.').waitFor()
  await assertAccessibleInBoth(guest.page, 'a sign-in that was refused')
  await guest.context.close()
})
