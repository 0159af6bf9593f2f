// Lost and changed passwords, and where somebody is signed in, in a real browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Person, launch } from './support/person.mjs'
import { Member } from './support/member.mjs'
import { Server } from './support/server.mjs'

const NEW = 'eight green lanterns'
let browser
let server
let ana
let codes

before(async () => {
  server = await Server.start()
  browser = await launch()
  await Member.setUp(server, 'root', 'Root Admin')
  ana = await Person.at(browser, server, { bypassCSP: true })
  await ana.page.goto('/sign-up')
  await ana.fillNewAccount('ana', 'Ana Pop')
  await ana.page.getByRole('button', { name: 'Create account' }).click()
  codes = await ana.saveCodes()
  await ana.skipPicture()
  await ana.arrive()
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function openSecurity({ page }) {
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Password and devices' }).click()
  const dialog = page.getByRole('dialog', { name: 'Password and devices' })
  await dialog.getByText('This device').waitFor()
  return dialog
}

test('another device is seen and signed out', async () => {
  const phone = await Person.at(browser, server, { userAgent: 'Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0' })
  await phone.signIn('ana')
  const dialog = await openSecurity(ana)
  await dialog.getByText('Firefox on Android').waitFor()
  await assertAccessible(ana.page, 'password and devices')
  await dialog.getByRole('button', { name: 'Sign out Firefox on Android' }).click()
  await phone.page.waitForURL('**/sign-in')
  await dialog.getByText('Firefox on Android').waitFor({ state: 'detached' })
  await ana.page.keyboard.press('Escape')
  await phone.context.close()
})

test('a changed password ends the other sessions and not this one', async () => {
  const other = await Person.at(browser, server)
  await other.signIn('ana')
  const dialog = await openSecurity(ana)
  const section = dialog.getByRole('region', { name: 'Password', exact: true })
  const fill = async (password) => {
    await section.getByLabel('Current password').fill(password)
    await section.getByLabel('New password', { exact: true }).fill(NEW)
    await section.getByLabel('Confirm new password').fill(NEW)
    await section.getByRole('button', { name: 'Change password' }).click()
  }
  await fill('not the password')
  await section.getByText('This is not your password.').waitFor()
  await fill('a password for tests')
  await section.getByText('Your password was changed.').waitFor()
  await other.page.waitForURL('**/sign-in')
  await ana.page.keyboard.press('Escape')
  await ana.openConversation('lobby')
  await ana.say('Still here')
  await ana.tick('Still here', 'Sent').waitFor()
  await ana.page.reload()
  await ana.message('Still here').waitFor()
  await other.context.close()
})

test('a recovery code gives the account back, and works once', async () => {
  const there = await Person.at(browser, server, { bypassCSP: true, viewport: { width: 390, height: 844 } })
  await there.page.goto('/sign-in')
  await there.page.getByRole('link', { name: 'Forgot your password?' }).click()
  // The page that is left has a field of the same name.
  await there.page.waitForURL('**/recover')
  const recover = async (code) => {
    await there.page.getByLabel('Username, user ID or e-mail').fill('usr000002')
    await there.page.getByLabel('Recovery code').fill(code)
    await there.page.getByLabel('New password').fill('nine yellow drums')
    await there.page.getByLabel('Confirm password').fill('nine yellow drums')
    await there.page.getByRole('button', { name: 'Set new password' }).click()
  }
  await recover('000000-000000-000000-000000')
  await there.page.getByText('The login or the recovery code is wrong').waitFor()
  await recover(codes[0].toLowerCase())
  await there.page.getByText('Sign in as').waitFor()
  await assertAccessible(there.page, 'recovered')
  await ana.page.waitForURL('**/sign-in**')
  await there.signIn('ana', 'nine yellow drums')
  const dialog = await openSecurity(there)
  await dialog.getByText('You have 9 codes left.').waitFor()
  await dialog.getByRole('region', { name: 'Recovery codes' }).getByLabel('Your password').fill('nine yellow drums')
  await dialog.getByRole('button', { name: 'Get new codes' }).click()
  await dialog.getByRole('list', { name: 'Recovery codes' }).waitFor()
  await dialog.getByText('You have 10 codes left.').waitFor()
  await assertAccessible(there.page, 'new recovery codes')
  assert.deepEqual(there.faults, [])
})
