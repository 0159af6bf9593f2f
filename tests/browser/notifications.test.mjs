// Mentions, what people are told of, and how they treat their conversations, in a real browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana
let ben
let cleo
let group

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }
const how = { bypassCSP: true, reducedMotion: 'reduce' }

before(async () => {
  server = await Server.start()
  browser = await launch()
  ana = await Person.at(browser, server, how)
  ben = await Person.at(browser, server, { ...how, ...PHONE })
  await ana.setUp('ana', 'Ana Pop')
  await ben.signUp('ben.i', 'Ben Ionescu')
  cleo = await Member.register(server, 'cleo', 'Cleo Marin')
  const people = (await cleo.call('GET', '/users')).items
  group = await cleo.group('Garden', people.filter((user) => user.username !== 'cleo'))
  await ana.openConversation('Garden')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

/** Checks a page as it stands, in both themes. */
async function check({ page }, screen) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await assertAccessible(page, `${screen} (${colorScheme})`, colorScheme === 'dark' ? ['color-contrast'] : undefined)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

const box = (person) => person.page.getByRole('textbox', { name: 'Message' })
const option = (person, name) => person.page.getByRole('option', { name })

test('a mention is completed with the keyboard and shown to whom it names', async () => {
  await box(ana).pressSequentially('Hello @be')
  await option(ana, 'Ben Ionescu').waitFor()
  await check(ana, 'suggestions of people')
  await ana.page.keyboard.press('Enter')
  assert.equal(await box(ana).inputValue(), 'Hello @ben.i ')
  await ana.page.keyboard.type('and `@cleo`')
  await ana.page.keyboard.press('Enter')
  await ana.message('Hello').getByRole('button', { name: '@ben.i' }).waitFor()
  assert.equal(await ana.message('Hello').getByRole('button', { name: '@cleo' }).count(), 0, 'code mentions nobody')
  await ben.conversation('Garden').getByRole('img', { name: '1 unread, 1 mention you' }).waitFor()
  await ben.page.getByRole('button', { name: /^Notifications, \d+ unread$/ }).waitFor()
  await check(ben, 'a mention in the sidebar of a phone')
})

test('Escape leaves the suggestions and nothing else', async () => {
  await box(ana).fill('')
  await box(ana).pressSequentially('@')
  await option(ana, 'Cleo Marin').waitFor()
  await ana.page.keyboard.press('ArrowDown')
  await ana.page.keyboard.press('Escape')
  await option(ana, 'Cleo Marin').waitFor({ state: 'detached' })
  assert.equal(await box(ana).inputValue(), '@')
  await box(ana).fill('')
})

test('the notification centre leads to the message, and reading it is seeing it', async () => {
  await ben.page.getByRole('button', { name: /^Notifications/ }).click()
  const dialog = ben.page.getByRole('dialog', { name: 'Notifications' })
  await dialog.getByText('Cleo Marin added you to Garden').waitFor()
  await check(ben, 'the notification centre on a phone')
  await dialog.getByRole('button', { name: 'Ana Pop mentioned you' }).click()
  await ben.page.waitForURL(/\/c\/[^/]+\/m\/\d+$/)
  const mine = ben.message('Hello').locator('.mention.mine')
  assert.equal(await mine.textContent(), '@ben.i')
  await check(ben, 'a message that mentions one')
  await ben.page.getByRole('button', { name: 'Back' }).click()
  await ben.page.getByRole('button', { name: 'Notifications, 1 unread' }).click()
  await dialog.getByRole('button', { name: 'Mark all as read' }).click()
  await dialog.getByRole('img', { name: 'Unread' }).first().waitFor({ state: 'detached' })
  await dialog.getByRole('button', { name: 'Close' }).click()
  await ben.page.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
})

test('a finger completes a mention, and the mention leads to the person', async () => {
  await ben.openConversation('Garden')
  await box(ben).pressSequentially('Ask @cl')
  await option(ben, 'Cleo Marin').tap()
  await ben.page.waitForFunction(() => document.querySelector('textarea')?.value === 'Ask @cleo ')
  await ben.page.getByRole('button', { name: 'Send', exact: true }).click()
  await ben.message('Ask').getByRole('button', { name: '@cleo' }).click()
  await ben.page.getByRole('dialog', { name: 'Profile' }).getByText('Cleo Marin').first().waitFor()
  await ben.page.goto('/c')
  await ben.conversation('Garden').waitFor()
})

test('a conversation is muted, made a favourite and hidden, on all devices', async () => {
  const other = await ana.open('/c')
  await ana.page.getByRole('button', { name: 'Notifications of this conversation' }).click()
  await check(ana, 'how a conversation is treated')
  await ana.page.getByRole('menuitemradio', { name: 'Nothing' }).click()
  await ana.page.getByRole('menuitem', { name: 'Add to favourites' }).click()
  const list = other.getByRole('list', { name: 'Conversations' })
  await list.getByRole('list', { name: 'Favourites' }).getByRole('link', { name: /Garden Muted/ }).waitFor()
  // Whoever has it open reads it.
  await ana.page.goto('/c')
  await cleo.say(group.id, 'nobody is disturbed by this')
  await list.getByRole('list', { name: 'Favourites' }).getByRole('link', { name: /Garden Muted 1 unread/ }).waitFor()
  await ana.openConversation('Garden')
  await ana.page.getByRole('button', { name: 'Notifications of this conversation' }).click()
  await ana.page.getByRole('menuitem', { name: 'Hide until the next message' }).click()
  await list.getByRole('link', { name: /Garden/ }).waitFor({ state: 'detached' })
  await cleo.say(group.id, 'here it is again')
  await list.getByRole('link', { name: /Garden/ }).waitFor()
  await other.close()
})

test('one says what one wants to be told', async () => {
  await ana.page.getByRole('button', { name: /^Account and settings/ }).click()
  await ana.page.getByRole('menuitem', { name: 'Notification settings' }).click()
  const dialog = ana.page.getByRole('dialog', { name: 'Notification settings' })
  await dialog.getByLabel('Reactions to your messages').uncheck()
  await dialog.getByLabel(/^Quiet hours/).check()
  await dialog.getByLabel('From').fill('21:30')
  await check(ana, 'notification settings')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await ana.page.reload()
  await ana.page.getByRole('button', { name: /^Account and settings/ }).click()
  await ana.page.getByRole('menuitem', { name: 'Notification settings' }).click()
  // It is there once the settings are.
  await dialog.getByLabel('From').waitFor()
  assert.equal(await dialog.getByLabel('Reactions to your messages').isChecked(), false)
  assert.equal(await dialog.getByLabel('From').inputValue(), '21:30')
  await dialog.getByLabel(/^Quiet hours/).uncheck()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
})

test('the browser shows what comes while the conversation is not looked at, once, and hides texts if asked to', async () => {
  const dora = await Person.at(browser, server, how)
  await dora.context.grantPermissions(['notifications'])
  // What the browser would show is kept, because nobody can look at it here.
  await dora.context.addInitScript(() => {
    window.told = []
    window.Notification = class {
      static permission = 'granted'
      static requestPermission = () => Promise.resolve('granted')
      constructor(title, options) {
        window.told.push({ title, body: options.body ?? null })
        window.latest = this
      }
      close() {}
    }
  })
  await dora.page.goto('/')
  await dora.signUp('dora', 'Dora Stan')
  const settings = async () => {
    await dora.page.getByRole('button', { name: /^Account and settings/ }).click()
    await dora.page.getByRole('menuitem', { name: 'Notification settings' }).click()
  }
  await settings()
  const dialog = dora.page.getByRole('dialog', { name: 'Notification settings' })
  await dialog.getByRole('button', { name: 'Show notifications here' }).click()
  await dialog.getByRole('button', { name: 'Stop showing notifications here' }).waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  const second = await dora.open('/c')
  await second.getByRole('list', { name: 'Conversations' }).getByRole('link', { name: 'lobby' }).waitFor()
  const people = (await cleo.call('GET', '/users?search=dora')).items
  const direct = await cleo.direct(people[0])
  await cleo.say(direct, 'Psst, Dora')
  const told = () => Promise.all([dora.page, second].map((page) => page.evaluate(() => window.told)))
  const until = async (count) => {
    for (let tries = 0; (await told()).flat().length < count && tries < 600; tries += 1) await second.waitForTimeout(50)
    return (await told()).flat()
  }
  assert.deepEqual(await until(1), [{ title: 'Cleo Marin', body: 'Psst, Dora' }])
  const speaker = (await dora.page.evaluate(() => window.told.length)) > 0 ? dora.page : second
  await speaker.evaluate(() => window.latest.onclick())
  await speaker.waitForURL(/\/m\/1$/)
  await speaker.goto('/c')
  await settings()
  await dialog.getByLabel(/^Show what was written/).uncheck()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await dora.page.evaluate(() => (window.told = []))
  await second.evaluate(() => (window.told = []))
  await cleo.say(direct, 'a secret')
  assert.deepEqual(await until(1), [{ title: 'New message', body: null }])
  assert.deepEqual([...ana.faults, ...ben.faults, ...dora.faults], [])
})
