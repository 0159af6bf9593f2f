// People who are shut out of one group, in a real browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Person, launch } from './support/person.mjs'
import { Member } from './support/member.mjs'
import { Server } from './support/server.mjs'

const DEVICES = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
let browser
let server
let ana
let ben

before(async () => {
  server = await Server.start()
  browser = await launch()
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: DEVICES.desk })
  await ana.setUp('ana', 'Ana Pop')
  const member = await Member.register(server, 'ben', 'Ben Ionescu')
  const owner = await Member.register(server, 'cleo', 'Cleo Marin')
  const garden = await owner.group('Garden', [{ id: await idOf(owner, 'ana') }, member], { visibility: 'public' })
  await owner.call('PATCH', `/groups/${garden.id}/members/${await idOf(owner, 'ana')}`, { role: 'owner' })
  ben = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: DEVICES.desk })
  await ben.signIn('ben')
  await ben.openConversation('Garden')
  await ana.openConversation('Garden')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function idOf(member, username) {
  return (await member.call('GET', `/users?search=${username}`)).items[0].id
}

test('somebody is banned from a group, leaves at once, and is told why when they want to come back', async () => {
  const { page } = ana
  await page.getByRole('button', { name: 'Members', exact: true }).click()
  await page.getByRole('button', { name: 'Remove Ben Ionescu' }).click()
  const dialog = page.getByRole('dialog', { name: /^Remove Ben Ionescu/ })
  await dialog.getByRole('radio', { name: 'Ban them from the group' }).check()
  await dialog.getByLabel('Reason').fill('Advertising')
  await dialog.getByLabel('How many').fill('0')
  await dialog.getByRole('button', { name: 'Remove and ban' }).click()
  await dialog.getByText('Enter a whole number above 0.').waitFor()
  await assertAccessibleInBoth(page, 'banning from a group')
  await dialog.getByLabel('How many').fill('3')
  await dialog.getByRole('button', { name: 'Remove and ban' }).click()
  await dialog.waitFor({ state: 'detached' })
  await ben.conversation('Garden').waitFor({ state: 'detached' })

  await ben.page.getByRole('button', { name: 'New', exact: true }).click()
  await ben.page.getByRole('menuitem', { name: 'Browse rooms' }).click()
  await ben.page.getByRole('button', { name: 'Join Garden' }).click()
  await ben.page.getByText(/You are banned from this group until .* Advertising/).waitFor()
  await ben.page.keyboard.press('Escape')
})

test('who is banned is listed, on a phone too, and a ban is lifted', async () => {
  const { page } = ana
  await page.getByRole('button', { name: 'Banned people' }).click()
  const dialog = page.getByRole('dialog', { name: 'Banned people' })
  await dialog.getByText('Advertising').waitFor()
  await assertAccessibleInBoth(page, 'banned people')
  await page.setViewportSize(DEVICES.phone)
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false)
  await page.setViewportSize(DEVICES.desk)
  await dialog.getByRole('button', { name: 'Lift the ban of Ben Ionescu' }).click()
  await dialog.getByText('Nobody is shut out').waitFor()
  await dialog.getByRole('combobox').selectOption('past')
  await dialog.getByText('Advertising').waitFor()
  await page.keyboard.press('Escape')
  await ben.page.getByRole('button', { name: /^Notifications/ }).click()
  await ben.page.getByText('You may come into a group again from which you were banned').waitFor()
  await ben.page.keyboard.press('Escape')
  assert.deepEqual([ana.faults, ben.faults], [[], []])
})
