// The end of accounts and of messages, in a real browser, on a desk and on a phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Person, launch } from './support/person.mjs'
import { Member } from './support/member.mjs'
import { Server } from './support/server.mjs'

const DEVICES = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
let browser
let server
let root
let ben
let cleo

before(async () => {
  server = await Server.start()
  browser = await launch()
  root = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: DEVICES.desk })
  await root.setUp('root', 'Root Admin')
  ben = await Member.register(server, 'ben', 'Ben Ionescu')
  cleo = await Member.register(server, 'cleo', 'Cleo Marin')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

const row = (page, list, text) => page.getByRole('list', { name: list, exact: true }).getByRole('listitem').filter({ hasText: text })

async function manage(page, name) {
  await page.getByRole('button', { name: `Manage ${name}` }).click()
  const dialog = page.getByRole('dialog', { name })
  await dialog.waitFor()
  return dialog
}

test('all messages of somebody are erased, and they keep the account', async () => {
  const lobby = await cleo.lobby()
  await cleo.say(lobby, 'Cheap shoes')
  await ben.say(lobby, 'Good morning')
  const { page } = root
  await root.openConversation('lobby')
  await page.getByText('Cheap shoes').first().waitFor()
  const panel = await root.open('/admin/users')
  const dialog = await manage(panel, 'Cleo Marin')
  await dialog.getByRole('button', { name: 'Delete…' }).click()
  await dialog.getByText('1 message was written.').waitFor()
  await dialog.getByRole('radio', { name: /^All messages only/ }).check()
  await dialog.getByLabel(/Type the username/).fill('ben')
  await dialog.getByRole('button', { name: 'Erase messages' }).click()
  await dialog.getByText('This is not the username.').waitFor()
  await assertAccessibleInBoth(panel, 'erasing messages')
  await dialog.getByLabel(/Type the username/).fill('cleo')
  await dialog.getByRole('button', { name: 'Erase messages' }).click()
  await dialog.getByLabel(/Type the username/).waitFor({ state: 'detached' })
  await panel.close()
  await page.getByText('This message was deleted').first().waitFor()
  assert.equal(await page.getByText('Cheap shoes').count(), 0)
  await cleo.say(lobby, 'I am still here')
  await page.getByText('I am still here').first().waitFor()
})

test('a message is reported, judged and deleted', async () => {
  const lobby = await ben.lobby()
  await cleo.say(lobby, 'You are all fools')
  const dora = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: DEVICES.desk })
  await Member.register(server, 'dora', 'Dora Stan')
  await dora.signIn('dora')
  await dora.openConversation('lobby')
  await dora.message('You are all fools').hover()
  await dora.message('You are all fools').getByRole('button', { name: 'More actions' }).click()
  await dora.page.getByRole('menuitem', { name: 'Report' }).click()
  const dialog = dora.page.getByRole('dialog', { name: 'Report this message?' })
  await dialog.getByRole('radio', { name: 'Something else' }).check()
  await dialog.getByRole('button', { name: 'Report', exact: true }).click()
  await dialog.getByText('Say in a few words what it is.').waitFor()
  await assertAccessibleInBoth(dora.page, 'reporting a message')
  await dialog.getByLabel('Say what it is').fill('I do not like it')
  await dialog.getByRole('button', { name: 'Report', exact: true }).click()
  await dora.page.getByText('Reported. You are told when somebody has looked at it.').waitFor()

  const { page } = root
  await page.goto('/admin/users')
  await page.getByRole('img', { name: '1 open report' }).waitFor()
  await page.getByRole('link', { name: /^Reports/ }).click()
  const report = row(page, 'Reports', 'You are all fools')
  await report.getByText('I do not like it').waitFor()
  await assertAccessibleInBoth(page, 'a report')
  await page.setViewportSize(DEVICES.phone)
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false)
  await page.setViewportSize(DEVICES.desk)
  await report.getByRole('button', { name: 'Delete message' }).click()
  await page.getByText('No reports').waitFor()
  await page.getByRole('img', { name: '1 open report' }).waitFor({ state: 'detached' })
  await dora.message('You are all fools').waitFor({ state: 'detached' })
  assert.deepEqual(dora.faults, [])
  await dora.context.close()
})

test('an account is deleted, and its messages stay as those of a deleted user', async () => {
  const lobby = await ben.lobby()
  await ben.say(lobby, 'Keep this')
  await ben.say(await ben.direct(await rootAsMember()), 'Hello Root')
  const { page } = root
  await page.goto('/admin/users')
  const dialog = await manage(page, 'Ben Ionescu')
  await dialog.getByRole('button', { name: 'Delete…' }).click()
  await dialog.getByRole('radio', { name: /^The account only/ }).check()
  await dialog.getByLabel(/Type the username/).fill('ben')
  await assertAccessibleInBoth(page, 'deleting an account')
  await dialog.getByRole('button', { name: 'Delete account', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  await row(page, 'People', 'USR000002').getByText('Deleted user').waitFor()
  await page.goto('/c')
  await root.conversation('Deleted user').click()
  await page.getByText('Hello Root').first().waitFor()
  await page.getByText('This account was deleted. Nobody reads here any more.').waitFor()
  await assertAccessibleInBoth(page, 'a conversation with nobody')
})

test('an account is deleted on a phone with all that was written', async () => {
  const { page } = root
  await page.setViewportSize(DEVICES.phone)
  await page.goto('/admin/users')
  const dialog = await manage(page, 'Cleo Marin')
  await dialog.getByRole('button', { name: 'Delete…' }).click()
  await dialog.getByLabel(/Type the username/).fill('cleo')
  await assertAccessibleInBoth(page, 'deleting an account on a phone')
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false)
  await dialog.getByRole('button', { name: 'Delete account and messages' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.goto('/c')
  await root.openConversation('lobby')
  await root.message('Keep this').waitFor()
  await root.message('I am still here').waitFor({ state: 'detached' })
  assert.deepEqual(root.faults, [])
})

test('the history of the lobby is cleared by an admin', async () => {
  const { page } = root
  await page.setViewportSize(DEVICES.desk)
  await page.goto('/c')
  await root.openConversation('lobby')
  await root.say('Before')
  await page.getByRole('button', { name: 'Members', exact: true }).click()
  await page.getByRole('button', { name: 'Clear history' }).click()
  const dialog = page.getByRole('dialog', { name: /^Clear the history/ })
  await dialog.waitFor()
  await assertAccessibleInBoth(page, 'clearing a history')
  await dialog.getByRole('button', { name: 'Clear history' }).click()
  await page.getByText('Root Admin cleared the history').waitFor()
  await root.message('Before').waitFor({ state: 'detached' })
  await root.say('After')
  await root.message('After').waitFor()
  assert.deepEqual(root.faults, [])
})

/** The one who looks after the server, as others find them. */
async function rootAsMember() {
  const found = await ben.call('GET', '/users?search=root')
  return found.items[0]
}
