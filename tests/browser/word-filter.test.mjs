// Words that are not to be written, in a real browser.
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

before(async () => {
  server = await Server.start()
  browser = await launch()
  const how = { bypassCSP: true, reducedMotion: 'reduce', viewport: DEVICES.desk }
  root = await Person.at(browser, server, how)
  await root.setUp('root', 'Root Admin')
  await Member.register(server, 'ben', 'Ben Ionescu')
  ben = await Person.at(browser, server, how)
  await ben.signIn('ben')
  await ben.openConversation('lobby')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)

async function add(phrase, action) {
  const { page } = root
  await page.getByLabel('Word or phrase').fill(phrase)
  await page.getByRole('radio', { name: new RegExp(`^${action}`) }).check()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('list', { name: 'Word filter' }).getByText(phrase, { exact: true }).waitFor()
}

test('a word is refused, and its author reads why', async () => {
  const { page } = root
  await page.goto('/admin/filters')
  await page.getByText('Nothing is filtered').waitFor()
  await assertAccessibleInBoth(page, 'an empty word filter')
  await add('Casinò', 'Refuse')
  await add('free money', 'Hold')
  await assertAccessibleInBoth(page, 'the word filter')
  await page.setViewportSize(DEVICES.phone)
  assert.equal(await fits(page), true)
  await page.setViewportSize(DEVICES.desk)
  await ben.say('Come to the CASINO')
  await ben.page.getByText('This message says “Casinò”, which is not to be written here').waitFor()
  await ben.message('Come to the CASINO').getByRole('button', { name: 'Discard' }).click()
  await ben.message('Come to the CASINO').waitFor({ state: 'detached' })
})

test('a message waits over a reload, is released by an admin, and another one is rejected', async () => {
  const { page } = root
  await ben.say('There is free money')
  const held = ben.message('There is free money')
  await held.getByText('waits until an administrator has looked at it').waitFor()
  await assertAccessibleInBoth(ben.page, 'a held message')
  await ben.page.reload()
  await held.getByText('waits until an administrator has looked at it').waitFor()
  await ben.say('Free money for all')
  await ben.message('Free money for all').getByText('waits until').waitFor()

  await page.getByRole('link', { name: /^Reports/ }).click()
  const row = (text) => page.getByRole('list', { name: 'Held messages' }).getByRole('listitem').filter({ hasText: text })
  await row('There is free money').waitFor()
  await assertAccessibleInBoth(page, 'held messages')
  await page.setViewportSize(DEVICES.phone)
  assert.equal(await fits(page), true)
  await page.setViewportSize(DEVICES.desk)
  await row('There is free money').getByRole('button', { name: 'Release' }).click()
  await row('There is free money').waitFor({ state: 'detached' })
  await ben.tick('There is free money', 'Sent').waitFor()
  assert.equal(await ben.message('There is free money').count(), 1)
  await row('Free money for all').getByRole('button', { name: 'Reject' }).click()
  await page.getByText('No held messages').waitFor()
  await ben.message('Free money for all').getByText('An admin did not let this message through.').waitFor()
  await page.getByRole('link', { name: 'Word filter' }).click()
  await page.getByRole('button', { name: 'Remove “free money”' }).click()
  await page.getByRole('list', { name: 'Word filter' }).getByText('free money', { exact: true }).waitFor({ state: 'detached' })
  await ben.say('Free money again')
  await ben.tick('Free money again', 'Sent').waitFor()
  assert.deepEqual([root.faults, ben.faults], [[], []])
})
