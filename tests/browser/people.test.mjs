// The people of the server, in a real browser: cards, the directory, privacy, blocks and notes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Person, launch } from './support/person.mjs'
import { Member } from './support/member.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana
let ben
let cleo

before(async () => {
  server = await Server.start()
  browser = await launch()
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  ben = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true })
  await ana.setUp('ana', 'Ana Pop')
  await ben.signUp('ben', 'Ben Ionescu')
  cleo = await Member.register(server, 'cleo', 'Cleo Marin')
  await cleo.call('PATCH', '/users/me', { about: 'Grows tomatoes.', time_zone: 'Asia/Tokyo' })
  await cleo.call('PUT', '/users/me/status', { emoji: '🍅', text: 'In the garden' })
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function check({ page }, screen) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await assertAccessible(page, `${screen} (${colorScheme})`, colorScheme === 'dark' ? ['color-contrast'] : undefined)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

async function choose({ page }, item, role = 'menuitem') {
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  await page.getByRole(role, { name: item, exact: true }).click()
}

test('a name leads to the card of the person, and from there to a conversation', async () => {
  const lobby = await cleo.lobby()
  await cleo.say(lobby, 'Ripe ones for everybody')
  await ana.openConversation('lobby')
  await ana.message('Ripe ones').getByRole('button', { name: 'Cleo Marin' }).click()
  const card = ana.page.getByRole('dialog', { name: 'Profile' })
  for (const text of ['Grows tomatoes.', '@cleo', 'local time', '🍅 In the garden']) await card.getByText(text).waitFor()
  await check(ana, 'the card of a person')
  await card.getByRole('button', { name: 'Message', exact: true }).click()
  await ana.page.getByRole('heading', { name: /Cleo Marin/ }).waitFor()
  await ana.page.getByRole('button', { name: 'Profile of Cleo Marin' }).click()
  await card.waitFor()
  await ana.page.keyboard.press('Escape')
  await card.waitFor({ state: 'detached' })
})

test('on a phone the card rises from below', async () => {
  await ben.openConversation('lobby')
  await ben.message('Ripe ones').getByRole('button', { name: 'Cleo Marin' }).click()
  const card = ben.page.getByRole('dialog', { name: 'Profile' })
  await card.getByText('Grows tomatoes.').waitFor()
  const box = await card.boundingBox()
  assert.equal(Math.round(box.y + box.height), 740)
  await check(ben, 'the card on a phone')
  await card.getByRole('button', { name: 'Close' }).click()
})

test('the directory finds people by name and role', async () => {
  await ana.page.getByRole('button', { name: 'New', exact: true }).click()
  await ana.page.getByRole('menuitem', { name: 'People' }).click()
  await ana.page.waitForURL('**/people')
  const people = ana.page.getByRole('list', { name: 'People' }).getByRole('listitem')
  await people.nth(2).waitFor()
  await check(ana, 'the directory')
  await ana.page.getByLabel('Role').selectOption({ label: 'Administrators' })
  await people.nth(1).waitFor({ state: 'detached' })
  await people.getByText('@ana').waitFor()
  await ana.page.getByLabel('Role').selectOption({ label: 'Everybody' })
  await ana.page.getByLabel('Search people').fill('tomato')
  await ana.page.getByText('Nobody found').waitFor()
  await ana.page.getByLabel('Search people').fill('cleo')
  await ana.page.getByRole('button', { name: 'Message Cleo Marin' }).click()
  await ana.page.getByRole('heading', { name: /Cleo Marin/ }).waitFor()
})

test('how one wants to be seen is chosen in the menu and kept', async () => {
  await choose(ana, 'Do not disturb', 'menuitemradio')
  await ben.page.goto('/people')
  await ben.page.getByRole('listitem').filter({ hasText: '@ana' }).getByRole('img', { name: 'Do not disturb' }).waitFor()
  await ana.page.reload()
  await ana.page.getByRole('button', { name: /^Account and settings/ }).click()
  assert.equal(await ana.page.getByRole('menuitemradio', { name: 'Do not disturb' }).getAttribute('aria-checked'), 'true')
  await ana.page.getByRole('menuitemradio', { name: 'Online' }).click()
  await ana.page.keyboard.press('Escape')
})

test('a menu opened while the conversation was still on its way stays open', async () => {
  const page = await ana.context.newPage()
  let go
  const menuIsOpen = new Promise((resolve) => (go = resolve))
  await page.routeWebSocket(/\/stream/, async (socket) => {
    await menuIsOpen
    socket.connectToServer()
  })
  await page.goto(ana.page.url())
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  const item = page.getByRole('menuitemradio', { name: 'Online', exact: true })
  await item.waitFor()
  go()
  await page.getByRole('textbox', { name: 'Message' }).waitFor()
  await item.click()
  await page.close()
})

test('the author of a message in a group sees who has read it', async () => {
  await ana.page.goto('/c')
  await ana.openConversation('lobby')
  await ana.say('Read this')
  await ana.tick('Read this', 'Sent').waitFor()
  await cleo.read(await cleo.lobby(), 99)
  await ana.message('Read this').hover()
  await ana.message('Read this').getByRole('button', { name: 'More actions' }).click()
  await ana.page.getByRole('menuitem', { name: 'Seen by' }).click()
  const dialog = ana.page.getByRole('dialog', { name: 'Seen by' })
  await dialog.getByText('Cleo Marin').waitFor()
  await check(ana, 'who has seen a message')
  await dialog.getByRole('button', { name: 'Close' }).click()
})

test('whoever hides receipts sees none', async () => {
  const direct = await cleo.direct({ id: (await cleo.call('GET', '/users?search=ana')).items[0].id })
  await ana.page.goto('/c')
  await ana.openConversation(/Cleo Marin/)
  await ana.say('Seen?')
  await ana.tick('Seen?', 'Sent').waitFor()
  await cleo.read(direct, 99)
  await ana.tick('Seen?', 'Read').waitFor()
  const dialog = ana.page.getByRole('dialog', { name: 'Privacy' })
  for (const tick of ['Sent', 'Read']) {
    await choose(ana, 'Privacy')
    await dialog.getByRole('switch', { name: /Read receipts/ }).click()
    await check(ana, 'privacy')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await ana.tick('Seen?', tick).waitFor()
  }
})

test('somebody is blocked, folded away, and let be again', async () => {
  await ana.page.goto('/c')
  await ana.openConversation('lobby')
  await ana.message('Ripe ones').getByRole('button', { name: 'Cleo Marin' }).click()
  const card = ana.page.getByRole('dialog', { name: 'Profile' })
  await card.getByRole('button', { name: 'Block' }).click()
  await card.getByText('You blocked this person').waitFor()
  await ana.page.keyboard.press('Escape')
  await ana.page.getByText('A message of somebody you blocked.').first().waitFor()
  assert.equal(await ana.message('Ripe ones').count(), 0)
  await ana.page.getByRole('button', { name: 'Show', exact: true }).first().click()
  await ana.message('Ripe ones').waitFor()
  await choose(ana, 'Privacy')
  await ana.page.getByRole('button', { name: 'Unblock Cleo Marin' }).click()
  await ana.page.getByText('You have blocked nobody.').waitFor()
  await ana.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await ana.page.getByText('A message of somebody you blocked.').first().waitFor({ state: 'detached' })
})

test('notes to oneself are in the menu', async () => {
  await choose(ana, 'Notes to self')
  await ana.page.getByRole('heading', { name: 'Notes to self' }).waitFor()
  await ana.say('Buy tomatoes')
  await ana.message('Buy tomatoes').waitFor()
})

test('nothing was complained about', () => {
  assert.deepEqual([...ana.faults, ...ben.faults], [])
})
