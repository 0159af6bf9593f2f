// Whoever is quicker than the network, or has one that fails now and then, loses nothing.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Member } from './support/member.mjs'
import { Person, hold, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana
let own
let group

before(async () => {
  server = await Server.start()
  browser = await launch()
  // What she does elsewhere.
  own = await Member.setUp(server, 'ana', 'Ana Pop')
  group = await own.group('Kitchen')
  ana = await Person.at(browser, server)
  await ana.signIn('ana')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ana.faults, [], 'the page complained'))

const box = () => ana.page.getByRole('textbox', { name: 'Message', exact: true })

async function chooseOfAccount(item) {
  await ana.page.getByRole('button', { name: /^Account and settings/ }).click()
  await ana.page.getByRole('menuitem', { name: item }).click()
}

test('what is written on while an edit is on its way is not thrown away', async () => {
  await ana.openConversation('Kitchen')
  await ana.say('Diner')
  await ana.tick('Diner', 'Sent').waitFor()
  const letGo = await hold(ana.page, '**/api/v1/messages/*')
  await box().press('ArrowUp')
  const editor = ana.page.getByRole('textbox', { name: 'Edit message' })
  await editor.fill('Dinner')
  const asked = ana.page.waitForRequest('**/api/v1/messages/*')
  await editor.press('Enter')
  await asked
  await editor.fill('Dinner at seven')
  const answered = ana.page.waitForResponse('**/api/v1/messages/*')
  letGo()
  await answered
  await ana.message('Dinner').getByTitle(/^Edited/).waitFor()
  assert.equal(await editor.inputValue(), 'Dinner at seven')
  await editor.press('Enter')
  await ana.message('Dinner at seven').waitFor()
  await editor.waitFor({ state: 'detached' })
})

test('a message that is being scheduled goes once', async () => {
  const letGo = await hold(ana.page, '**/scheduled/*')
  await box().fill('Soup at seven')
  for (let times = 0; times < 2; times += 1) {
    await ana.page.getByRole('button', { name: 'Send later' }).click()
    await ana.page.getByRole('menuitem', { name: /In an hour/ }).click()
    await ana.page.getByRole('menu').waitFor({ state: 'detached' })
  }
  await box().press('Enter')
  letGo()
  await ana.page.getByText(/1 message is scheduled for/).waitFor()
  await ana.page.waitForFunction(() => document.querySelector('textarea').value === '')
  assert.equal(await ana.message('Soup at seven').count(), 0)
  assert.equal((await own.call('GET', '/scheduled')).items.length, 1)
})

test('who changes one thing about a group leaves what was changed meanwhile', async () => {
  await ana.page.goto(`/c/${group.id}/members`)
  await ana.page.getByRole('button', { name: 'Edit group' }).click()
  const dialog = ana.page.getByRole('dialog', { name: 'Edit group' })
  await dialog.getByLabel('Description').fill('What we cook')
  await own.call('PATCH', `/groups/${group.id}`, { name: 'The large kitchen' })
  await ana.page.locator('header.header').filter({ hasText: 'The large kitchen' }).waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  const { name, description } = await own.call('GET', `/groups/${group.id}`)
  assert.deepEqual([name, description], ['The large kitchen', 'What we cook'])
})

test('an invite link that cannot be looked up is tried again, and another one may take its place', async () => {
  const eva = await Member.register(server, 'eva', 'Eva Rusu')
  const rooms = await Promise.all(['Garden', 'Cellar'].map((name) => eva.group(name)))
  const links = await Promise.all(rooms.map(({ id }) => eva.call('POST', `/groups/${id}/invite-links`, {})))
  const path = ({ url }) => url.slice(url.indexOf('/join'))
  await ana.page.route('**/invite-links/lookup', (route) => route.abort())
  await ana.page.goto(path(links[0]))
  const again = ana.page.getByRole('button', { name: 'Try again', exact: true })
  await again.waitFor()
  await ana.page.unroute('**/invite-links/lookup')
  await again.click()
  await ana.page.getByRole('button', { name: /Garden/ }).waitFor()
  await ana.page.goto(path(links[1]))
  await ana.page.getByRole('button', { name: /Cellar/ }).click()
  await ana.page.waitForURL(`**/c/${rooms[1].id}`)
})

test('settings are shown once they are known, and not made up before', async () => {
  await ana.page.goto('/c')
  await chooseOfAccount('Notification settings')
  const dialog = ana.page.getByRole('dialog', { name: 'Notification settings' })
  const reactions = dialog.getByRole('checkbox', { name: 'Reactions to your messages' })
  await reactions.uncheck()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })

  let letGo
  const held = new Promise((resolve) => (letGo = resolve))
  await ana.page.routeWebSocket(/./, async (socket) => {
    await held
    socket.connectToServer()
  })
  await ana.page.goto('/c')
  await chooseOfAccount('Notification settings')
  await dialog.getByText('Loading notifications').waitFor()
  assert.equal(await dialog.getByRole('button', { name: 'Save' }).count(), 0)
  letGo()
  await reactions.waitFor()
  assert.equal(await reactions.isChecked(), false)
})
