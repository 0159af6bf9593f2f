// What somebody reads who does something too often.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Member } from './support/member.mjs'
import { PASSWORD, Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server

before(async () => {
  server = await Server.start({
    PARLOR_LIMITS_SIGN_IN_FAILURES: '2',
    PARLOR_LIMITS_REGISTRATIONS_PER_HOUR_PER_IP: '1',
    PARLOR_LIMITS_RECOVERIES_PER_HOUR_PER_IP: '1',
    PARLOR_LIMITS_MESSAGES_PER_SECOND: '1',
    PARLOR_LIMITS_MESSAGE_BURST: '2',
  })
  await Member.setUp(server, 'root', 'Root')
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('signing in, signing up and recovering say how long to wait', async () => {
  await Member.register(server, 'ana', 'Ana')
  const guest = await Person.at(browser, server)
  const { page } = guest
  const alert = page.getByRole('alert')

  await page.goto('/sign-in')
  await page.getByLabel('Username, user ID or e-mail').fill('ana')
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  for (const says of ['not right', 'not right', 'Try again in 1 minute.']) {
    await page.getByRole('button', { name: 'Sign in' }).click()
    await alert.filter({ hasText: says }).waitFor()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
  }

  await page.goto('/sign-up')
  await guest.fillNewAccount('ben', 'Ben')
  await page.getByRole('button', { name: 'Create account' }).click()
  await alert.filter({ hasText: 'Try again in 1 hour.' }).waitFor()

  await page.goto('/recover')
  await page.getByLabel('Username, user ID or e-mail').fill('ana')
  await page.getByLabel('Recovery code').fill('0000-0000-0000-0000-0000-0000')
  await page.getByLabel('New password').fill(PASSWORD)
  await page.getByLabel('Confirm password').fill(PASSWORD)
  for (const says of ['is wrong', 'Try again in 1 hour.']) {
    await page.getByRole('button', { name: 'Set new password' }).click()
    await alert.filter({ hasText: says }).waitFor()
  }
  assert.deepEqual(guest.faults, [])
  await guest.context.close()
})

test('messages that are written too fast wait and arrive in their order', async () => {
  const root = await Person.at(browser, server)
  await root.signIn('root')
  await root.openConversation('lobby')
  const texts = ['one of five', 'two of five', 'three of five', 'four of five', 'five of five']
  for (const text of texts) await root.say(text)
  for (const text of texts) await root.tick(text, 'Sent').waitFor({ timeout: 15_000 })
  const shown = await root.page.getByRole('region', { name: 'Messages' }).locator('[data-client-id]').allInnerTexts()
  const order = shown.map((text) => texts.find((known) => text.includes(known))).filter(Boolean)
  assert.deepEqual(order, texts)
  assert.deepEqual(root.faults, [])
  await root.context.close()
})
