// How the server is doing, all groups, and where people are signed in: for admins, on a desk and on a phone.
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

/** What a tile says below its name. */
const tile = (page, name) => page.locator('dl > div').filter({ has: page.locator('dt', { hasText: name }) })

async function manage(page, name) {
  await page.getByRole('button', { name: `Manage ${name}` }).click()
  const dialog = page.getByRole('dialog', { name, exact: true })
  await dialog.waitFor()
  return dialog
}

/** Nothing is wider than the screen. */
async function assertFits(page, what) {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, what)
}

test('the overview is the first part, and follows what happens', async () => {
  const { page } = root
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Administration' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.waitForURL('**/admin/overview')
  await tile(page, 'People').getByText('3', { exact: true }).waitFor()
  await tile(page, 'Online now').getByText('1 connection').waitFor()
  const lobby = await ben.lobby()
  for (const text of ['one', 'two', 'three']) await ben.say(lobby, text)
  // Nobody presses anything: it asks again by itself.
  await tile(page, 'Messages').getByText('3', { exact: true }).waitFor()
  await page.getByRole('img', { name: /^Messages per day, the last 30 days: 3 altogether/ }).waitFor()
  await page.getByRole('img', { name: /^New people per day, the last 30 days: 3 altogether/ }).waitFor()
  const chart = page.getByRole('figure').filter({ hasText: 'Messages per day' })
  await chart.getByText('Numbers').click()
  assert.equal(await chart.getByRole('row').count(), 31)
  await page.getByRole('list', { name: 'Slowest requests' }).getByText(/^(GET|PUT|POST) \/api\/v1\//).first().waitFor()
  await page.getByRole('list', { name: 'Nodes' }).getByText('Up', { exact: true }).waitFor()
  await assertAccessibleInBoth(page, 'the overview')
  await page.setViewportSize(DEVICES.phone)
  await assertFits(page, 'the overview')
  await assertAccessibleInBoth(page, 'the overview on a phone')
  await page.setViewportSize(DEVICES.desk)
})

test('all groups are found, sorted, renamed and handed over', async () => {
  const garden = await ben.group('Secret garden', [cleo])
  await ben.group('Allotment', [], { visibility: 'public' })
  for (let number = 0; number < 4; number++) await cleo.say(garden.id, `canary ${number}`)
  const { page } = root
  await page.goto('/admin/groups')
  const list = page.getByRole('list', { name: 'Groups', exact: true })
  await row(page, 'Groups', 'Secret garden').getByText(/Owned by Ben Ionescu.* · 2 members/).waitFor()
  const names = async () => (await list.locator('.name bdi').allInnerTexts()).join()
  assert.equal(await names(), 'Allotment,lobby,Secret garden')
  await page.getByLabel('Sorted by').selectOption('Most members')
  await list.getByRole('listitem').first().getByText('lobby').waitFor()
  await page.getByLabel('Which groups').selectOption('Private')
  await list.getByText('Allotment').waitFor({ state: 'detached' })
  assert.equal(await names(), 'Secret garden')
  assert.equal(await page.getByText('canary').count(), 0)
  await assertAccessibleInBoth(page, 'groups')

  let dialog = await manage(page, 'Secret garden')
  await assertAccessibleInBoth(page, 'a group')
  await dialog.getByRole('button', { name: 'Make Cleo Marin the owner' }).click()
  await page.getByRole('dialog', { name: /^Make Cleo Marin the owner of/ }).getByRole('button', { name: 'Make owner' }).click()
  await dialog.getByRole('listitem').filter({ hasText: 'Cleo Marin' }).getByText('Owner').waitFor()
  await dialog.getByRole('listitem').filter({ hasText: 'Ben Ionescu' }).getByText('Moderator').waitFor()
  await dialog.getByRole('button', { name: 'Remove Ben Ionescu' }).click()
  await page.getByRole('dialog', { name: /^Remove Ben Ionescu from/ }).getByRole('button', { name: 'Remove' }).click()
  await dialog.getByRole('listitem').filter({ hasText: 'Ben Ionescu' }).waitFor({ state: 'detached' })
  await dialog.getByLabel('Group name').fill('Herb garden')
  await dialog.getByRole('radio', { name: /^Public/ }).check()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByLabel('Which groups').selectOption('Public')
  await row(page, 'Groups', 'Herb garden').getByText(/Owned by Cleo Marin.* · 1 member/).waitFor()

  await page.setViewportSize(DEVICES.phone)
  dialog = await manage(page, 'Herb garden')
  await assertFits(page, 'a group')
  await assertAccessibleInBoth(page, 'a group on a phone')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await assertFits(page, 'groups')
  await page.setViewportSize(DEVICES.desk)
})

test('a group is archived, brought back, cleared and deleted', async () => {
  const group = await ben.group('Old plans', [cleo])
  await cleo.say(group.id, 'to be forgotten')
  const { page } = root
  await page.goto('/admin/groups')
  // Counted a few seconds after it was posted.
  await row(page, 'Groups', 'Old plans').getByText(/\d members/).waitFor()
  const dialog = await manage(page, 'Old plans')
  await dialog.getByRole('button', { name: 'Archive group' }).click()
  await dialog.getByText('It is archived. Bring it back to change it.').waitFor()
  // Behind the dialog, where only eyes see it.
  await page.locator('main li').filter({ hasText: 'Old plans' }).getByText('Archived', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Bring group back' }).click()
  await dialog.getByLabel('Group name').waitFor()
  await dialog.getByRole('button', { name: 'Clear history' }).click()
  await dialog.getByLabel(/^Type the group’s name/).fill('Old plan')
  await dialog.getByRole('button', { name: 'Clear history' }).click()
  await dialog.getByText('This is not the name of the group.').waitFor()
  await assertAccessibleInBoth(page, 'clearing a group')
  await dialog.getByLabel(/^Type the group’s name/).fill('Old plans')
  await dialog.getByRole('button', { name: 'Clear history' }).click()
  await dialog.waitFor({ state: 'detached' })
  const again = await manage(page, 'Old plans')
  await again.getByRole('button', { name: 'Delete group' }).click()
  await again.getByText(/2 members lose it/).waitFor()
  await again.getByLabel(/^Type the group’s name/).fill('Old plans')
  await again.getByRole('button', { name: 'Delete group' }).click()
  await again.waitFor({ state: 'detached' })
  await row(page, 'Groups', 'Old plans').waitFor({ state: 'detached' })
  assert.equal((await cleo.conversations()).some((one) => one.id === group.id), false)
})

test('who is connected is seen, and one of their sessions is ended', async () => {
  const person = await Person.at(browser, server, { viewport: DEVICES.phone })
  await person.signIn('ben')
  const { page } = root
  await page.goto('/admin/users')
  await row(page, 'People', 'Ben Ionescu').getByText('Online').waitFor()
  await page.getByLabel('State').selectOption('Online')
  await row(page, 'People', 'Cleo Marin').waitFor({ state: 'detached' })
  await assertAccessibleInBoth(page, 'people who are connected')
  const dialog = await manage(page, 'Ben Ionescu')
  const sessions = dialog.getByRole('list', { name: 'Signed in at' })
  await sessions.getByRole('listitem').nth(1).waitFor()
  assert.equal(await sessions.getByRole('listitem').count(), 2)
  await assertAccessibleInBoth(page, 'the sessions of somebody')
  await sessions.getByRole('button', { name: /^Sign out Chrome/ }).click()
  await person.page.waitForURL('**/sign-in**')
  await sessions.getByRole('button', { name: /^Sign out Chrome/ }).waitFor({ state: 'detached' })
  assert.equal(await sessions.getByRole('listitem').count(), 1)
  await dialog.getByRole('button', { name: 'Sign out everywhere' }).click()
  await dialog.getByText('Nowhere.').waitFor()
  await person.context.close()
  assert.deepEqual(root.faults, [])
})
