// People who may not write, and groups in which nobody may, in a real browser.
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
let owner

before(async () => {
  server = await Server.start()
  browser = await launch()
  const how = { bypassCSP: true, reducedMotion: 'reduce', viewport: DEVICES.desk }
  root = await Person.at(browser, server, how)
  await root.setUp('root', 'Root Admin')
  const member = await Member.register(server, 'ben', 'Ben Ionescu')
  owner = await Member.register(server, 'cleo', 'Cleo Marin')
  await owner.group('Garden', [member, { id: (await owner.call('GET', '/users?search=root')).items[0].id }], { visibility: 'public' })
  ben = await Person.at(browser, server, how)
  await ben.signIn('ben')
  await ben.openConversation('lobby')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)

test('somebody is muted from a report, reads why where they would write, and writes again', async () => {
  await ben.say('You are all fools')
  await ben.tick('You are all fools', 'Sent').waitFor()
  const found = await owner.call('GET', `/conversations/${await owner.lobby()}/messages`)
  const message = found.items.findLast((entry) => entry.message?.body === 'You are all fools').message.id
  await owner.call('POST', `/messages/${message}/reports`, { reason: 'abuse' })
  const { page } = root
  await page.goto('/admin/reports')
  await page.getByRole('button', { name: 'Mute author' }).click()
  await page.getByLabel('Reason').fill('Calm down')
  await assertAccessibleInBoth(page, 'muting from a report')
  await page.getByRole('button', { name: 'Mute', exact: true }).click()
  await page.getByText('No reports').waitFor()
  await ben.page.getByText(/You are muted on this server until .* Calm down/).waitFor()
  assert.equal(await ben.page.getByRole('textbox', { name: 'Message' }).count(), 0)
  await assertAccessibleInBoth(ben.page, 'muted on the server')
  await ben.page.setViewportSize(DEVICES.phone)
  assert.equal(await fits(ben.page), true)
  await ben.page.setViewportSize(DEVICES.desk)

  await page.getByRole('link', { name: 'Bans', exact: true }).click()
  const muted = page.getByRole('list', { name: 'Muted people' }).getByRole('listitem').filter({ hasText: 'Ben Ionescu' })
  await muted.getByText('Calm down').waitFor()
  await assertAccessibleInBoth(page, 'muted people')
  await muted.getByRole('button', { name: /^Lift the mute of Ben Ionescu/ }).click()
  await page.getByText('Nobody is muted').waitFor()
  await ben.page.getByRole('textbox', { name: 'Message' }).waitFor()
  await ben.say('Sorry')
  await ben.message('Sorry').waitFor()
})

test('an admin freezes a group; its owner reads why, and nobody writes until it is lifted', async () => {
  await ben.openConversation('Garden')
  const { page } = root
  await page.goto('/c')
  await root.openConversation('Garden')
  await page.getByRole('button', { name: 'Members', exact: true }).click()
  await page.getByRole('button', { name: 'Freeze group' }).click()
  const dialog = page.getByRole('dialog', { name: 'Freeze Garden?' })
  await dialog.getByLabel('Reason').fill('We are looking into it')
  await assertAccessibleInBoth(page, 'freezing a group')
  await dialog.getByRole('button', { name: 'Freeze group' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('Reason: We are looking into it').waitFor()
  await ben.page.getByText('Nobody can write here until they lift that.').waitFor()
  await ben.page.getByText('An administrator froze the group', { exact: true }).waitFor()
  assert.equal(await ben.page.getByText('We are looking into it').count(), 0)
  assert.equal(await ben.page.getByRole('textbox', { name: 'Message' }).count(), 0)
  await assertAccessibleInBoth(page, 'a frozen group')
  await ben.page.setViewportSize(DEVICES.phone)
  assert.equal(await fits(ben.page), true)
  await assertAccessibleInBoth(ben.page, 'a frozen group on a phone')
  await ben.page.setViewportSize(DEVICES.desk)
  await page.getByRole('button', { name: 'Unfreeze group' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Unfreeze group' }).click()
  await ben.page.getByRole('textbox', { name: 'Message' }).waitFor()
  await ben.say('Here we are again')
  await root.message('Here we are again').waitFor()
})

test('a group that the admin is not in is frozen from the list of all groups', async () => {
  await owner.group('Orchard', [{ id: (await owner.call('GET', '/users?search=ben')).items[0].id }])
  await ben.openConversation('Orchard')
  const { page } = root
  await page.goto('/admin/groups')
  await page.getByRole('button', { name: 'Manage Orchard' }).click()
  const group = page.getByRole('dialog', { name: 'Orchard', exact: true })
  await group.getByRole('button', { name: 'Freeze group' }).click()
  const dialog = page.getByRole('dialog', { name: 'Freeze Orchard?' })
  await dialog.getByLabel('Reason').fill('Apples were thrown')
  await dialog.getByRole('button', { name: 'Freeze group' }).click()
  await dialog.waitFor({ state: 'detached' })
  await group.getByText(/^Frozen since .* Reason: Apples were thrown$/).waitFor()
  await ben.page.getByText('Nobody can write here until they lift that.').waitFor()
  await assertAccessibleInBoth(page, 'a frozen group in the panel')
  await page.setViewportSize(DEVICES.phone)
  assert.equal(await fits(page), true)
  await page.setViewportSize(DEVICES.desk)
  await page.keyboard.press('Escape')
  await group.waitFor({ state: 'detached' })
  await page.getByLabel('Which groups').selectOption('Frozen')
  await page.getByRole('list', { name: 'Groups', exact: true }).getByText('Garden').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Manage Orchard' }).click()
  await group.getByRole('button', { name: 'Unfreeze group' }).click()
  await page.getByRole('dialog', { name: 'Unfreeze Orchard?' }).getByRole('button', { name: 'Unfreeze group' }).click()
  await ben.page.getByRole('textbox', { name: 'Message' }).waitFor()
  assert.deepEqual([root.faults, ben.faults], [[], []])
})
