// Messages that are deleted after some days: set by who owns the group, seen by everybody there.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

const DEVICES = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
let browser
let server
let ana
let ben

before(async () => {
  server = await Server.start()
  browser = await launch()
  await Member.setUp(server, 'root', 'Root Admin')
  const owner = await Member.register(server, 'ana', 'Ana Pop')
  await owner.group('Garden', [await Member.register(server, 'ben', 'Ben Ionescu')])
  const how = { bypassCSP: true, reducedMotion: 'reduce', viewport: DEVICES.desk }
  ana = await Person.at(browser, server, how)
  ben = await Person.at(browser, server, how)
  for (const [person, login] of [[ana, 'ana'], [ben, 'ben']]) {
    await person.signIn(login)
    await person.openConversation('Garden')
  }
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => {
  for (const person of [ana, ben]) assert.deepEqual(person.faults, [], 'the page complained')
})

const menu = (person) => person.page.getByRole('menu')
const dialog = () => ana.page.getByRole('dialog')
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)

async function openMenu(person) {
  await person.page.getByRole('button', { name: 'Notifications of this conversation' }).click()
  await menu(person).waitFor()
}

async function openDialog() {
  await openMenu(ana)
  await menu(ana).getByRole('menuitem', { name: 'Automatic deletion' }).click()
  await dialog().getByRole('heading', { name: 'Automatic deletion' }).waitFor()
}

test('who owns a group sets it, is asked before, and everybody sees it at once', async () => {
  await openDialog()
  await assertAccessibleInBoth(ana.page, 'how long a group is kept')
  await dialog().getByRole('radio', { name: /^Messages and files/ }).check()
  const days = dialog().getByLabel('After how many days')
  await days.fill('0')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await dialog().getByText('Enter a whole number from 1 to 3650.').waitFor()
  await days.fill('30')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await dialog().getByText('Delete what is older than 30 days?').waitFor()
  await dialog().getByText(/also pinned and saved ones/).waitFor()
  await assertAccessibleInBoth(ana.page, 'asking before what is old goes')
  await dialog().getByRole('button', { name: 'Delete what is older' }).click()
  await dialog().waitFor({ state: 'detached' })
  for (const person of [ana, ben]) {
    await person.page.getByRole('img', { name: 'Messages are deleted after 30 days' }).waitFor()
    await person.page.getByText(/Ana Pop.* set messages to be deleted after 30 days/).waitFor()
  }
  await assertAccessibleInBoth(ben.page, 'a group whose messages are deleted')
  await ben.page.setViewportSize(DEVICES.phone)
  assert.equal(await fits(ben.page), true)
  await ben.page.setViewportSize(DEVICES.desk)
})

test('who does not own it reads in its menu what is deleted, and sets nothing', async () => {
  await openMenu(ben)
  await menu(ben).getByText('Messages are deleted after 30 days').waitFor()
  assert.equal(await menu(ben).getByRole('menuitem', { name: 'Automatic deletion' }).count(), 0)
  await ben.page.keyboard.press('Escape')
})

test('it is there after a reload, and can be taken back', async () => {
  await ana.page.reload()
  await ana.page.getByRole('img', { name: 'Messages are deleted after 30 days' }).waitFor()
  await openDialog()
  assert.equal(await dialog().getByLabel('After how many days').inputValue(), '30')
  await dialog().getByRole('radio', { name: /^Nothing/ }).check()
  await dialog().getByRole('button', { name: 'Save' }).click()
  await dialog().waitFor({ state: 'detached' })
  for (const person of [ana, ben]) {
    await person.page.getByRole('img', { name: /deleted after/ }).waitFor({ state: 'detached' })
    await person.page.getByText(/Ana Pop.* set messages to be kept/).waitFor()
  }
})
