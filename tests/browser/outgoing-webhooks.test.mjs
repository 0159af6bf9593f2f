// Outgoing webhooks: made, seen to work, paused and mended, in a real browser.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, hold, launch } from './support/person.mjs'
import { Receiver } from './support/receiver.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let root
let receiver

before(async () => {
  server = await Server.start({ PARLOR_WEBHOOKS_INSIDE_HOSTS: '127.0.0.1' })
  receiver = await Receiver.start()
  browser = await launch()
  root = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await root.setUp('root', 'Root Admin')
})

after(async () => {
  await browser?.close()
  receiver?.stop()
  await server?.stop()
})

function isSigned({ headers, body }, secret) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
  return headers['webhook-signature'].split(' ').includes(`v1,${signed.digest('base64')}`)
}

const says = (text) => (told) => told.data.message?.body === text

test('an administrator makes an outgoing webhook, sees what it sent, and lets it go on after a pause', { timeout: 120_000 }, async () => {
  const ana = await Member.register(server, 'ana', 'Ana Popescu')
  const lobby = await ana.lobby()
  const { page } = root
  await page.goto('/admin/programs')
  await page.getByText('There is no outgoing webhook yet').waitFor()
  await page.getByRole('button', { name: 'New bot' }).click()
  const making = page.getByRole('dialog', { name: 'New bot' })
  await making.getByLabel('Username').fill('tickets')
  await making.getByLabel('Display name').fill('Tickets')
  await making.getByRole('button', { name: 'Make the bot' }).click()
  await making.waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'New outgoing webhook' }).click()
  const dialog = page.getByRole('dialog', { name: 'New outgoing webhook' })
  await dialog.getByLabel('Name').fill('help desk')
  await dialog.getByLabel('Address').fill('http://10.0.0.1/x')
  await dialog.getByRole('checkbox', { name: 'New members' }).check()
  await dialog.getByRole('radio', { name: /^some of its groups/ }).check()
  const groups = dialog.getByRole('group', { name: 'Groups' })
  await groups.getByRole('checkbox').first().check()
  await dialog.getByRole('button', { name: 'Make the webhook' }).click()
  await dialog.getByText(/Must look like https/).waitFor()
  await assertAccessibleInBoth(page, 'a new outgoing webhook')
  await dialog.getByLabel('Address').fill(receiver.url)
  await dialog.getByRole('button', { name: 'Make the webhook' }).click()
  const secret = await dialog.getByRole('textbox', { name: 'Secret for checking signatures' }).inputValue()
  assert.match(secret, /^whsec_/)
  await assertAccessibleInBoth(page, 'the secret of a webhook')
  await dialog.getByRole('button', { name: 'Done' }).click()
  const row = page.getByRole('list', { name: 'Outgoing webhooks' }).getByRole('listitem').filter({ hasText: 'help desk' })
  await row.getByText('Active', { exact: true }).waitFor()

  await ana.say(lobby, 'the printer burns')
  assert.ok(isSigned(await receiver.told(says('the printer burns')), secret))
  await page.setViewportSize({ width: 360, height: 740 })
  await row.getByRole('button', { name: 'Deliveries of help desk' }).click()
  const sent = page.getByRole('dialog', { name: 'Deliveries of help desk' })
  receiver.status = 500
  await sent.getByRole('button', { name: 'Send a test' }).click()
  const failed = sent.getByRole('listitem').filter({ hasText: 'Not delivered' })
  await failed.getByText(/Answer 500/).waitFor()
  await failed.getByText('no room for tickets').waitFor()
  receiver.status = 204
  await sent.getByRole('button', { name: /^Send again: New messages/ }).first().click()
  await sent.getByRole('listitem').filter({ hasText: 'New messages' }).nth(1).waitFor()
  await assertAccessibleInBoth(page, 'deliveries on a phone')
  assert.equal(receiver.requests.filter(({ body }) => says('the printer burns')(JSON.parse(body))).length, 2)
  await sent.getByRole('button', { name: 'Close' }).click()

  await row.getByRole('button', { name: 'Pause help desk' }).click()
  await row.getByText('Paused', { exact: true }).waitFor()
  await ana.say(lobby, 'and the toner, too')
  await assertAccessibleInBoth(page, 'a paused webhook on a phone')
  await row.getByRole('button', { name: 'Resume help desk' }).click()
  const resuming = page.getByRole('dialog', { name: 'Resume help desk' })
  await assertAccessibleInBoth(page, 'resuming a webhook')
  await resuming.getByRole('button', { name: 'Deliver it' }).click()
  await receiver.told(says('and the toner, too'))
  await row.getByText('Active', { exact: true }).waitFor()
  await page.setViewportSize({ width: 1280, height: 800 })
  assert.deepEqual(root.faults, [])
})

test('who is told when a receiver is gone finds the webhook, gives it a new secret, and deletes it', { timeout: 120_000 }, async () => {
  const ben = await Member.register(server, 'ben', 'Ben Ionescu')
  const { page } = root
  await page.goto('/c')
  await receiver.told(({ type, data }) => type === 'member.joined' && data.subject === ben.id)
  receiver.status = 410
  await ben.say(await ben.lobby(), 'is anybody there?')
  await receiver.told(says('is anybody there?'))
  await page.getByRole('button', { name: /^Notifications, 1 unread/ }).click()
  await page.getByRole('button', { name: /A webhook of .*Tickets.* is not tried any more/ }).click()
  const row = page.getByRole('list', { name: 'Outgoing webhooks' }).getByRole('listitem').filter({ hasText: 'help desk' })
  await row.getByText('Stopped', { exact: true }).waitFor()
  await row.getByText(/Nothing got through since/).waitFor()
  receiver.status = 204
  // Whoever is quicker than the network loses nothing: neither the groups by saving before they are
  // listed, nor what was saved by looking again before the list is there.
  const showGroups = await hold(page, '**/api/v1/admin/bots/*/groups')
  await row.getByRole('button', { name: /^Manage/ }).click()
  const dialog = page.getByRole('dialog', { name: 'help desk' })
  assert.ok(await dialog.getByRole('checkbox', { name: 'New members' }).isChecked())
  await dialog.getByRole('checkbox', { name: 'Edited messages' }).check()
  await assertAccessibleInBoth(page, 'changing a webhook')
  const showList = await hold(page, '**/api/v1/admin/outgoing-webhooks')
  await dialog.getByRole('button', { name: 'Save' }).click()
  showGroups()
  await dialog.waitFor({ state: 'detached' })
  await row.getByRole('button', { name: /^Manage/ }).click()
  assert.ok(await dialog.getByRole('checkbox', { name: 'Edited messages' }).isChecked())
  await dialog.getByRole('group', { name: 'Groups' }).getByRole('checkbox', { checked: true }).waitFor()
  showList()
  await dialog.getByRole('button', { name: 'New secret' }).click()
  await dialog.getByRole('button', { name: 'New secret' }).click()
  const secret = await dialog.getByRole('textbox', { name: 'Secret for checking signatures' }).inputValue()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await row.getByRole('button', { name: 'Resume help desk' }).click()
  await page.getByRole('button', { name: 'Leave it out' }).click()
  await row.getByText('Active', { exact: true }).waitFor()
  await ben.say(await ben.lobby(), 'here we go again')
  assert.ok(isSigned(await receiver.told(says('here we go again')), secret))
  await row.getByRole('button', { name: /^Manage/ }).click()
  await dialog.getByRole('button', { name: 'Delete the webhook' }).click()
  await dialog.getByText(/is told nothing more/).waitFor()
  await dialog.getByRole('button', { name: 'Delete the webhook' }).click()
  await page.getByText('There is no outgoing webhook yet').waitFor()
  assert.deepEqual(root.faults, [])
})
