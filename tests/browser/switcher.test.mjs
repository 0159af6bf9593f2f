// The quick switcher: anywhere by a few letters, with the keyboard, the mouse or a finger.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let admin
let ben
let ana
let kitchen

before(async () => {
  server = await Server.start()
  browser = await launch()
  admin = await Member.setUp(server, 'ana', 'Ana Pop')
  ben = await Member.register(server, 'ben', 'Ben Ionescu')
  await Member.register(server, 'stefan', 'Ștefan Țurcanu')
  kitchen = (await admin.group('Kitchen', [ben])).id
  await admin.group('Weekend hikes', [ben])
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await ana.signIn('ana')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ana.faults, [], 'the page complained'))

const field = (person = ana) => person.page.getByRole('combobox', { name: 'Search conversations, people and actions' })
const option = (name, person = ana) => person.page.getByRole('listbox', { name: 'Jump to' }).getByRole('option', { name })

/** The option that Enter would take, as a screen reader is told. */
async function marked(name) {
  await option(name).and(ana.page.locator('[data-highlighted]')).waitFor()
  assert.equal(await field().getAttribute('aria-activedescendant'), await option(name).getAttribute('id'))
}

async function open() {
  await ana.page.keyboard.press('Control+k')
  await field().and(ana.page.locator(':focus')).waitFor()
}

test('the keyboard alone leads to a conversation, by the letters its words begin with', async () => {
  await open()
  await field().fill('wh')
  await marked('Weekend hikes')
  await ana.page.keyboard.press('Enter')
  await ana.page.getByRole('textbox', { name: 'Message' }).and(ana.page.locator(':focus')).waitFor()
  await ana.page.getByRole('heading', { name: 'Weekend hikes' }).waitFor()
})

test('what is unread stands first, and arrow keys go on from there', async () => {
  await ben.say(kitchen, 'Soup?')
  await ana.conversation('Kitchen').getByRole('img', { name: '1 unread' }).waitFor()
  await open()
  await marked(/^Kitchen/)
  await option(/1 unread/).waitFor()
  await ana.page.keyboard.press('ArrowDown')
  await marked(/^Weekend hikes/)
  await ana.page.keyboard.press('ArrowUp')
  await ana.page.keyboard.press('Enter')
  await ana.page.waitForURL(`**/c/${kitchen}`)
})

test('people are found on the server, whatever the accents', async () => {
  await open()
  await field().fill('stefan')
  await marked(/Ștefan Țurcanu/)
  await ana.page.keyboard.press('Enter')
  await ana.page.getByRole('heading', { name: 'Ștefan Țurcanu' }).waitFor()
})

test('actions are done, and what is not there is said', async () => {
  await open()
  await field().fill('theme dark')
  await marked('Theme: Dark')
  await ana.page.keyboard.press('Enter')
  await ana.page.locator('html[data-theme="dark"]').waitFor()
  await open()
  await field().fill('theme sys')
  await ana.page.keyboard.press('Enter')
  await ana.page.locator('html:not([data-theme])').waitFor()
  await open()
  await field().fill('new gr')
  await marked('New group')
  await ana.page.keyboard.press('Enter')
  await ana.page.getByRole('dialog', { name: 'New group' }).getByLabel('Group name').fill('Half written')
  await ana.page.keyboard.press('Control+k')
  await ana.page.getByRole('dialog', { name: 'New group' }).waitFor()
  assert.equal(await field().count(), 0, 'what is being written in a dialog stays')
  await ana.page.keyboard.press('Escape')
  await open()
  await field().fill('qqqq')
  await ana.page.getByText('Nothing found').waitFor()
  await ana.page.keyboard.press('Escape')
  await field().waitFor({ state: 'detached' })
})

test('Escape and the same keys close it and give the focus back', async () => {
  await ana.openConversation('Kitchen')
  const box = ana.page.getByRole('textbox', { name: 'Message' })
  await box.focus()
  for (const key of ['Escape', 'Control+k']) {
    await open()
    await ana.page.keyboard.press(key)
    await field().waitFor({ state: 'detached' })
    await box.and(ana.page.locator(':focus')).waitFor()
  }
})

test('a finger opens it and chooses', async () => {
  const phone = await Person.at(browser, server, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true })
  await phone.signIn('ben')
  await phone.page.getByRole('button', { name: 'Jump to' }).tap()
  await field(phone).fill('kit')
  await option('Kitchen', phone).tap()
  await phone.page.waitForURL(`**/c/${kitchen}`)
  assert.deepEqual(phone.faults, [])
  await phone.context.close()
})

test('axe finds nothing, in either theme', async () => {
  await open()
  await option(/Kitchen/).waitFor()
  for (const colorScheme of ['light', 'dark']) {
    await ana.page.emulateMedia({ colorScheme })
    await assertAccessible(ana.page, `the quick switcher (${colorScheme})`)
  }
})
