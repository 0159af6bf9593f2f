// Groups and rooms, in a real browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Person, launch } from './support/person.mjs'
import { assertAccessible } from './support/axe.mjs'
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
  ben = await Person.at(browser, server)
  await ana.setUp('ana', 'Ana Pop')
  await ben.signUp('ben', 'Ben Ionescu')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function create(name, visibility) {
  await ana.page.getByRole('button', { name: 'New', exact: true }).click()
  await ana.page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = ana.page.getByRole('dialog')
  await dialog.getByLabel('Group name').fill(name)
  await dialog.getByRole('radio', { name: visibility }).check()
  return dialog
}

test('a private group appears for those who are in it, with its messages', async () => {
  const dialog = await create('Garden', 'Private')
  await dialog.getByRole('searchbox', { name: 'Members' }).fill('ben')
  await dialog.getByRole('button', { name: 'Ben Ionescu' }).click()
  await dialog.getByRole('button', { name: 'Create group' }).click()
  await ana.openConversation('Garden')
  await ana.say('Who waters the tomatoes?')
  await ben.openConversation('Garden')
  await ben.message('Who waters the tomatoes?').waitFor()
  await ben.page.getByText('Ana Pop added Ben Ionescu').waitFor()
})

test('a public room is found, joined, and left', async () => {
  const dialog = await create('Running', 'Public')
  await dialog.getByRole('button', { name: 'Create group' }).click()
  await ana.openConversation('Running')

  await ben.page.getByRole('button', { name: 'New', exact: true }).click()
  await ben.page.getByRole('menuitem', { name: 'Browse rooms' }).click()
  await ben.page.getByRole('dialog').getByLabel('Search rooms').fill('run')
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Join Running' }).click()
  await ana.page.getByText('Ben Ionescu joined').waitFor()
  await ben.openConversation('Running')
  await ben.say('Tomorrow at seven?')
  await ana.message('Tomorrow at seven?').waitFor()

  await ben.page.getByRole('button', { name: 'Members' }).click()
  await ben.page.getByRole('button', { name: 'Leave group' }).click()
  await ben.page.getByRole('dialog').or(ben.page.getByRole('alertdialog')).getByRole('button', { name: 'Leave group' }).click()
  await ben.conversation('Running').waitFor({ state: 'hidden' })
  await ana.page.getByText('Ben Ionescu left').waitFor()
})

test('a group has a picture, which all see at once', async () => {
  await ana.openConversation('Garden')
  await ben.openConversation('Garden')
  await ana.page.getByRole('button', { name: 'Members' }).click()
  await ana.page.getByRole('button', { name: 'Edit group' }).click()
  const dialog = ana.page.getByRole('dialog', { name: 'Edit group' })
  await dialog.getByLabel('Choose a picture', { exact: true }).first().setInputFiles(await twoHalves(ana.page))
  const crop = ana.page.getByRole('dialog', { name: 'Picture of the group' })
  await crop.getByRole('application').focus()
  await ana.page.waitForFunction(() => document.querySelector('[role=application] canvas')?.width > 300)
  for (let at = 0; at < 20; at++) await ana.page.keyboard.press('ArrowRight')
  await assertAccessible(ana.page, 'cropping the picture of a group')
  await crop.getByRole('button', { name: 'Use this picture' }).click()
  await crop.waitFor({ state: 'detached' })
  await ben.page.getByText('Ana Pop changed the picture').waitFor()
  for (const place of [ben.conversation('Garden'), ben.page.locator('header.header')]) {
    const [red, , blue] = await colourOf(place.locator('img.face'))
    assert.ok(blue > 200 && red < 60, `the right half was chosen: ${red} ${blue}`)
  }
  await assertAccessible(ana.page, 'editing a group with a picture')
  await dialog.getByRole('button', { name: 'Remove picture' }).click()
  await ben.page.getByText('Ana Pop removed the picture').waitFor()
  await ben.conversation('Garden').locator('img.face').waitFor({ state: 'detached' })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await ana.page.getByRole('button', { name: 'Members', exact: true }).click()
})

test('one who is removed is told at once and sees nothing more', async () => {
  await ana.openConversation('Garden')
  await ben.openConversation('Garden')
  await ana.page.getByRole('button', { name: 'Members' }).click()
  await ana.page.getByRole('button', { name: 'Remove Ben Ionescu' }).click()
  await ana.page.getByRole('dialog').or(ana.page.getByRole('alertdialog')).getByRole('button', { name: 'Remove' }).click()
  await ben.conversation('Garden').waitFor({ state: 'hidden' })
  assert.equal(await ben.message('Who waters the tomatoes?').count(), 0)
  assert.deepEqual([...ana.faults, ...ben.faults], [])
})
