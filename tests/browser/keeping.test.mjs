// Messages are saved, forwarded and marked as unread.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana
let phone
let ben

before(async () => {
  server = await Server.start()
  browser = await launch()
  const admin = await Member.setUp(server, 'ana', 'Ana Pop')
  ben = await Member.register(server, 'ben', 'Ben Ionescu')
  const group = await admin.group('Kitchen', [ben])
  for (const text of ['Soup at seven', 'Bread is out', 'Bring plates']) await ben.say(group.id, text)
  ana = await Person.at(browser, server, { bypassCSP: true })
  phone = await Person.at(browser, server)
  await ana.signIn('ana')
  await phone.signIn('ana')
  await ana.openConversation('Kitchen')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => {
  for (const person of [ana, phone]) assert.deepEqual(person.faults, [], 'the page complained')
})

async function choose(person, text, item) {
  await person.message(text).first().hover()
  await person.message(text).first().getByRole('button', { name: 'More actions', exact: true }).click()
  await person.page.getByRole('menuitem', { name: item, exact: true }).click()
}

describe('a message', () => {
  test('is saved, found on another device, and let go of', async () => {
    await choose(ana, 'Soup at seven', 'Save for later')
    await phone.page.getByRole('link', { name: 'Saved messages' }).click()
    const saved = phone.page.getByRole('list', { name: 'Saved messages' }).getByRole('link', { name: /Soup at seven/ })
    await saved.waitFor()
    await saved.click()
    await phone.page.waitForURL('**/m/**')
    await phone.message('Soup at seven').waitFor()
    await ana.page.getByRole('link', { name: 'Saved messages' }).click()
    await assertAccessible(ana.page, 'the saved messages')
    await ana.page.getByRole('button', { name: 'Remove from saved' }).click()
    await ana.page.getByText('Nothing saved yet').waitFor()
    await ana.openConversation('Kitchen')
  })

  test('is forwarded with its author and a comment, and not changed', async () => {
    await choose(ana, 'Bread is out', 'Forward')
    const dialog = ana.page.getByRole('dialog', { name: 'Forward message' })
    await dialog.getByRole('button', { name: 'Forward', exact: true }).click()
    await dialog.getByText('Choose at least one conversation.').waitFor()
    await dialog.getByLabel('lobby').check()
    await dialog.getByLabel('Add a comment').fill('Look at this')
    await assertAccessible(ana.page, 'the choice where to forward to')
    await dialog.getByRole('button', { name: 'Forward', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await ana.openConversation('lobby')
    await ana.message('Bread is out').getByText('Forwarded from Ben Ionescu').waitFor()
    assert.equal(await ana.message('Bread is out').getByText('Kitchen').count(), 0, 'a private group is not named')
    await ana.message('Look at this').waitFor()
    await ana.message('Bread is out').hover()
    await ana.message('Bread is out').getByRole('button', { name: 'More actions', exact: true }).click()
    await ana.page.getByRole('menuitem', { name: 'Delete', exact: true }).waitFor()
    assert.equal(await ana.page.getByRole('menuitem', { name: 'Edit', exact: true }).count(), 0)
    await ana.page.keyboard.press('Escape')
  })

  test('is marked as unread on all devices, and read when the conversation is opened again', async () => {
    await ana.openConversation('Kitchen')
    const badge = (person) => person.conversation('Kitchen').getByRole('img', { name: /unread/ })
    await badge(ana).waitFor({ state: 'detached' })
    await choose(ana, 'Bread is out', 'Mark as unread from here')
    for (const person of [ana, phone]) await person.conversation('Kitchen').getByRole('img', { name: '2 unread' }).waitFor()
    await ana.openConversation('lobby')
    await ana.openConversation('Kitchen')
    for (const person of [ana, phone]) await badge(person).waitFor({ state: 'detached' })
  })
})
