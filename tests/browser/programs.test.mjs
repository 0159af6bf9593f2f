// Tokens for one's own programs, and bots, in a real browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let root

before(async () => {
  server = await Server.start()
  browser = await launch()
  root = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await root.setUp('root', 'Root Admin')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

const ask = (token, path, init = {}) => fetch(`${server.origin}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } })

test('a token for one’s own program is shown once, works, and is revoked', async () => {
  await Member.register(server, 'ben', 'Ben Ionescu')
  const ben = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: { width: 360, height: 740 } })
  await ben.signIn('ben')
  const { page } = ben
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Password and devices' }).click()
  const section = page.getByRole('dialog').getByRole('region', { name: 'API tokens' })
  await section.getByRole('button', { name: 'New token' }).click()
  assert.equal(await section.getByRole('checkbox', { name: /^administer/ }).count(), 0)
  await section.getByRole('button', { name: 'Make the token' }).click()
  await section.getByText(/at least 1 character|must not be empty|is missing/i).first().waitFor()
  await section.getByLabel('Name').fill('Weather')
  await section.getByRole('checkbox', { name: /^write/ }).check()
  await assertAccessibleInBoth(page, 'a new token')
  await section.getByRole('button', { name: 'Make the token' }).click()
  const token = await section.getByLabel('Your new token').inputValue()
  assert.match(token, /^parlor_\w{64}$/)
  assert.equal((await ask(token, '/users/me')).status, 200)
  await section.getByRole('button', { name: 'Done' }).click()
  const row = section.getByRole('listitem').filter({ hasText: 'Weather' })
  await row.getByText(/read, write · ends/).waitFor()
  await assertAccessibleInBoth(page, 'tokens')
  await row.getByRole('button', { name: /^Revoke/ }).click()
  await row.waitFor({ state: 'detached' })
  assert.equal((await ask(token, '/users/me')).status, 401)
  assert.deepEqual(ben.faults, [])
  await ben.context.close()
})

test('an administrator makes a bot and a token for it, and everybody sees that it is a bot', async () => {
  const { page } = root
  await page.goto('/admin/programs')
  await page.getByText('There is no bot yet').waitFor()
  await page.getByRole('button', { name: 'New bot' }).click()
  const making = page.getByRole('dialog', { name: 'New bot' })
  await making.getByLabel('Username').fill('deploy')
  await making.getByLabel('Display name').fill('Deploy')
  await making.getByRole('button', { name: 'Make the bot' }).click()
  await page.getByRole('button', { name: 'New token for Deploy' }).click()
  const dialog = page.getByRole('dialog', { name: 'Token for Deploy' })
  await dialog.getByLabel('Name').fill('build server')
  await dialog.getByRole('checkbox', { name: /^write/ }).check()
  await dialog.getByRole('button', { name: 'Make the token' }).click()
  const token = await dialog.getByLabel('Your new token').inputValue()
  await dialog.getByRole('button', { name: 'Done' }).click()
  const row = page.getByRole('list', { name: 'API tokens' }).getByRole('listitem').filter({ hasText: 'build server' })
  await row.getByText('Deploy (@deploy)').waitFor()
  await page.getByRole('button', { name: 'New webhook for Deploy' }).click()
  const hooking = page.getByRole('dialog', { name: 'Webhook for Deploy' })
  await hooking.getByLabel('Name').fill('monitoring')
  await hooking.getByRole('combobox', { name: 'Posts to' }).and(page.locator(':has(option)')).waitFor()
  await assertAccessibleInBoth(page, 'a new webhook')
  await hooking.getByRole('button', { name: 'Make the webhook' }).click()
  const url = await hooking.getByLabel('Address of the webhook').inputValue()
  await hooking.getByRole('button', { name: 'Done' }).click()
  await page.getByText('posts to one group, as an incoming webhook').waitFor()
  await assertAccessibleInBoth(page, 'bots and tokens')
  await page.setViewportSize({ width: 360, height: 740 })
  await assertAccessibleInBoth(page, 'bots and tokens on a phone')
  await page.setViewportSize({ width: 1280, height: 800 })

  const lobby = (await (await ask(token, '/conversations')).json()).items[0].id
  const path = `/conversations/${lobby}/messages/${crypto.randomUUID()}`
  assert.equal((await ask(token, path, { method: 'PUT', body: JSON.stringify({ body: 'Version 2 is out' }) })).status, 201)
  await page.goto('/c')
  await root.openConversation('lobby')
  await root.message('Version 2 is out').getByText('Bot', { exact: true }).waitFor()
  const body = JSON.stringify({ text: '*Disk* is full' })
  assert.equal((await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status, 200)
  await root.message('Disk is full').locator('strong').getByText('Disk').waitFor()
  await page.goto('/admin/programs')
  await row.getByRole('button', { name: /^Revoke/ }).click()
  await row.waitFor({ state: 'detached' })
  assert.equal((await ask(token, '/users/me')).status, 401)
  assert.deepEqual(root.faults, [])
})
