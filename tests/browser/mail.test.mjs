// E-mail, in a real browser: an address is confirmed, and gives the account back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { MailServer } from './support/mail.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

const PHONE = { width: 360, height: 740 }
let browser
let mail
let server
let ana

before(async () => {
  mail = await MailServer.start()
  server = await Server.start(mail.settings)
  browser = await launch()
  await Member.setUp(server, 'root', 'Root Admin')
  ana = await Person.at(browser, server, { bypassCSP: true })
  await ana.signUp('ana', 'Ana Pop')
})

after(async () => {
  await browser?.close()
  await server?.stop()
  mail?.stop()
})

async function section() {
  await ana.page.getByRole('button', { name: /^Account and settings/ }).click()
  await ana.page.getByRole('menuitem', { name: 'Password and devices' }).click()
  const found = ana.page.getByRole('region', { name: 'E-mail address' })
  await found.waitFor()
  return found
}

test('an address is given, and confirmed with the link that is sent there', async () => {
  const { page } = ana
  const email = await section()
  await email.getByLabel('E-mail address').fill('nowhere')
  await email.getByRole('button', { name: 'Save address' }).click()
  await email.locator('[aria-invalid]').waitFor()
  await email.getByLabel('E-mail address').fill('ana@example.org')
  await email.getByRole('button', { name: 'Save address' }).click()
  await email.getByText('A link was sent to ana@example.org.').waitFor()
  await email.getByText('Not confirmed yet.').waitFor()
  await assertAccessibleInBoth(page, 'an address that is not confirmed')
  await page.keyboard.press('Escape')

  const tab = await ana.open(await mail.link('ana@example.org', 'verify'))
  await tab.getByRole('heading', { name: 'Confirm your e-mail address' }).waitFor()
  assert.equal(new URL(tab.url()).hash, '', 'the secret stays in the address bar')
  await assertAccessibleInBoth(tab, 'confirming an address')
  await tab.getByRole('button', { name: 'Confirm address' }).click()
  await tab.getByRole('heading', { name: 'Your address is confirmed' }).waitFor()
  await tab.close()
  await (await section()).getByText('Confirmed.', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
})

test('a lost password is replaced with a link that comes by e-mail', async () => {
  const guest = await Person.at(browser, server, { bypassCSP: true, viewport: PHONE })
  const { page } = guest
  await page.goto('/sign-in')
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await page.getByRole('button', { name: 'Send me a link' }).click()
  await page.getByText('Enter your username, user ID or e-mail address.').waitFor()
  await assertAccessibleInBoth(page, 'asking for a link')
  await page.getByLabel('Username, user ID or e-mail').fill('ana')
  await page.getByRole('button', { name: 'Send me a link' }).click()
  await page.getByText('a link is on its way').waitFor()
  await page.goto(await mail.link('ana@example.org', 'recover'))
  await page.getByLabel('New password', { exact: true }).fill('nine yellow bicycles')
  await page.getByLabel('Confirm password').fill('nine yellow bicycles')
  await page.getByRole('button', { name: 'Set new password' }).click()
  await page.getByText('Sign in as').waitFor()
  await guest.signIn('ana@example.org', 'nine yellow bicycles')
  await guest.context.close()
})

test('whoever has a recovery code needs no e-mail', async () => {
  const guest = await Person.at(browser, server)
  await guest.page.goto('/recover')
  await guest.page.getByRole('button', { name: 'Use a recovery code instead' }).click()
  await guest.page.getByLabel('Recovery code').waitFor()
  await guest.context.close()
})
