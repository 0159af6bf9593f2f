// What people show of themselves, in a real browser: pictures, what they are up to, their time.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Person, launch } from './support/person.mjs'
import { Member } from './support/member.mjs'
import { colourOf, twoHalves } from './support/pictures.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana
let ben

before(async () => {
  server = await Server.start()
  browser = await launch()
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  ben = await Person.at(browser, server, { reducedMotion: 'reduce', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })
  await ana.setUp('ana', 'Ana Pop')
  await ben.signUp('ben', 'Ben Ionescu')
  await Member.register(server, 'cleo', 'Cleo Marin')
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

async function choose(person, item) {
  await person.page.getByRole('button', { name: /^Account and settings/ }).click()
  await person.page.getByRole('menuitem', { name: item }).click()
  return person.page.getByRole('dialog')
}

test('a picture is cropped by hand or keys, and others see it at once', async () => {
  await ana.openConversation('lobby')
  await ana.say('who am I?')
  await ben.openConversation('lobby')
  await ben.message('who am I?').waitFor()
  const dialog = await choose(ana, 'Edit profile')
  const picture = await twoHalves(ana.page)
  await dialog.getByLabel('Choose a picture', { exact: true }).first().setInputFiles(picture)
  const crop = ana.page.getByRole('dialog', { name: 'Your picture' })
  const frame = crop.getByRole('application')
  await frame.focus()
  // Before it is read there is nothing to move, and the canvas has the width that every one begins with.
  await ana.page.waitForFunction(() => document.querySelector('[role=application] canvas')?.width > 300)
  for (let at = 0; at < 20; at++) await ana.page.keyboard.press('ArrowRight')
  await check(ana, 'cropping a picture')
  await crop.getByRole('button', { name: 'Use this picture' }).click()
  await crop.waitFor({ state: 'detached' })
  const shown = dialog.locator('img.face')
  const [red, , blue] = await colourOf(shown)
  assert.ok(blue > 200 && red < 60, `the right half was chosen: ${red} ${blue}`)
  const [, , theirs] = await colourOf(ben.page.locator('[data-row="message"] img.face').first())
  assert.ok(theirs > 200, 'the other one sees it without reloading')
  await check(ana, 'editing the profile')
  await dialog.getByRole('button', { name: 'Remove picture' }).click()
  await ben.page.locator('[data-row="message"] img.face').waitFor({ state: 'detached' })
  await dialog.getByRole('button', { name: 'Close' }).click()
})

test('what is no picture is told in words', async () => {
  const dialog = await choose(ana, 'Edit profile')
  const file = { name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('hello') }
  await dialog.getByLabel('Choose a picture', { exact: true }).first().setInputFiles(file)
  await ana.page.getByText('This file is no picture that can be read').waitFor()
  await ana.page.getByRole('dialog', { name: 'Your picture' }).getByRole('button', { name: 'Cancel' }).click()
  await dialog.getByRole('button', { name: 'Close' }).click()
})

test('a time zone is taken from the device', async () => {
  await ben.page.goto('/c')
  const dialog = await choose(ben, 'Edit profile')
  await dialog.getByRole('button', { name: /^Use this device/ }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  const zone = await ben.page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone)
  const admin = await server.api('POST', '/auth/login', { body: { login: 'ana', password: 'a password for tests' } })
  const found = await server.api('GET', '/users?search=ben', { token: admin.access_token })
  assert.equal(found.items[0].time_zone, zone)
})

test('a status is seen next to the name until it is taken away', async () => {
  const dialog = await choose(ana, 'Set a status')
  await dialog.getByRole('button', { name: /At lunch/ }).click()
  await dialog.getByLabel('What are you up to?').fill('At lunch with Cleo')
  await check(ana, 'the status')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await ben.page.goto('/c')
  await ben.writeTo('Ana Pop')
  await ben.page.locator('header.header').getByText('🍽️').waitFor()
  const again = await choose(ana, 'At lunch with Cleo')
  await again.getByRole('button', { name: 'Clear status' }).click()
  await ben.page.locator('header.header').getByText('🍽️').waitFor({ state: 'detached' })
})

test('nothing was complained about', () => {
  assert.deepEqual([...ana.faults, ...ben.faults], [])
})
