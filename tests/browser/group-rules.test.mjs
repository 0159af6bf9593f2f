// What groups set for themselves, in a real browser: roles, mutes, pace, and the end of a group.
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

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

before(async () => {
  server = await Server.start()
  browser = await launch()
  const how = { bypassCSP: true, reducedMotion: 'reduce' }
  ana = await Person.at(browser, server, how)
  ben = await Person.at(browser, server, { ...how, ...PHONE })
  await ana.setUp('ana', 'Ana Pop')
  await ben.signUp('ben', 'Ben Ionescu')
  const cleo = await Member.register(server, 'cleo', 'Cleo Marin')
  const { page } = ana
  await page.getByRole('button', { name: 'New', exact: true }).click()
  await page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Group name').fill('Garden')
  for (const name of ['Ben Ionescu', cleo.name]) {
    await dialog.getByRole('searchbox', { name: 'Members' }).fill(name.slice(0, 4))
    await dialog.getByRole('button', { name }).click()
  }
  await dialog.getByRole('button', { name: 'Create group' }).click()
  await ana.openConversation('Garden')
  await ben.openConversation('Garden')
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

async function manage(name) {
  const members = ana.page.getByRole('button', { name: 'Members', exact: true })
  if ((await ana.page.getByRole('button', { name: `Manage ${name}` }).count()) === 0) await members.click()
  await ana.page.getByRole('button', { name: `Manage ${name}` }).click()
  return ana.page.getByRole('dialog', { name: `Manage ${name}` })
}

test('a member is muted, is told until when, and may write again', async () => {
  const dialog = await manage('Ben Ionescu')
  await check(ana, 'managing a member')
  await dialog.getByLabel('Writing').selectOption('hour')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await ben.page.getByText('You are muted here until').waitFor()
  assert.equal(await ben.page.getByRole('textbox', { name: /^Message/ }).count(), 0)
  await check(ana, 'members with one who is muted')
  await check(ben, 'muted on a phone')
  const again = await manage('Ben Ionescu')
  await again.getByLabel('Writing').selectOption('free')
  await again.getByRole('button', { name: 'Save' }).click()
  await ben.say('Here I am again')
  await ana.message('Here I am again').waitFor()
})

test('a member becomes a moderator and sees at once what that allows', async () => {
  const dialog = await manage('Ben Ionescu')
  await dialog.getByRole('radio', { name: 'Moderator' }).check()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await ben.page.getByText('Ana Pop made Ben Ionescu a moderator').waitFor()
  await ben.openPanel('Members')
  await ben.page.getByRole('button', { name: 'Manage Cleo Marin' }).waitFor()
  assert.equal(await ben.page.getByRole('button', { name: 'Manage Ana Pop' }).count(), 0)
  await check(ben, 'members on a phone')
})

test('slow mode and announcements tell those who write', async () => {
  await ana.page.getByRole('button', { name: 'Edit group' }).click()
  const dialog = ana.page.getByRole('dialog', { name: 'Edit group' })
  await check(ana, 'editing a group')
  await dialog.getByLabel('Slow mode').selectOption({ index: 2 })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await check(ana, 'a group with slow mode')
})

test('an archived group can be read and brought back', async () => {
  await ana.page.getByRole('button', { name: 'Archive group' }).click()
  const dialog = ana.page.getByRole('dialog').or(ana.page.getByRole('alertdialog'))
  await check(ana, 'archiving a group')
  await dialog.getByRole('button', { name: 'Archive group' }).click()
  await ana.page.getByText('This group is archived. Nobody can write here.').waitFor()
  await check(ana, 'an archived group')
  await ana.page.getByRole('button', { name: 'Bring group back' }).click()
  await dialog.getByRole('button', { name: 'Bring group back' }).click()
  await ana.say('We go on')
  assert.deepEqual([...ana.faults, ...ben.faults], [])
})

test('an invite link brings somebody in who makes an account first, and is taken back', async () => {
  await ana.page.getByRole('button', { name: 'Invite links' }).click()
  const dialog = ana.page.getByRole('dialog', { name: 'Invite links' })
  await dialog.getByText('There is no link yet.').waitFor()
  await dialog.getByRole('button', { name: 'Create link' }).click()
  const url = await dialog.getByLabel('Invite link', { exact: true }).inputValue()
  assert.match(url, /\/join#.{20,}/)
  await dialog.getByText('ends').first().waitFor()
  await check(ana, 'invite links')
  const dan = await Person.at(browser, server, { bypassCSP: true, ...PHONE })
  await dan.page.goto(url.slice(url.indexOf('/join')))
  await dan.page.waitForURL('**/sign-in')
  await dan.page.getByRole('link', { name: 'Create account' }).click()
  await dan.fillNewAccount('dan', 'Dan Rusu')
  await dan.page.getByRole('button', { name: 'Create account' }).click()
  await dan.saveCodes()
  await dan.skipPicture()
  await dan.page.waitForURL('**/join')
  await dan.page.getByText('Garden').first().waitFor()
  await check(dan, 'an invitation')
  await dan.page.getByRole('button', { name: 'Join' }).click()
  await dan.page.getByRole('textbox', { name: 'Message' }).waitFor()
  await dan.say('Thank you for the link')
  await dialog.getByRole('button', { name: /^Revoke the link/ }).click()
  await dialog.getByText('There is no link yet.').waitFor()
  await ana.page.keyboard.press('Escape')
  await ana.message('Thank you for the link').waitFor()
  // The address of a link that leads nowhere any more, opened by somebody who is signed in.
  await ben.page.goto(url.slice(url.indexOf('/join')))
  await ben.page.getByText('ask for a new one').waitFor()
  await check(ben, 'an invitation that is not valid any more')
  await ben.page.getByRole('link', { name: 'Go to your conversations' }).click()
  await ben.openConversation('Garden')
  assert.deepEqual(dan.faults, [])
})

test('a group is deleted once its name is typed, and everybody is out', async () => {
  await ana.page.getByRole('button', { name: 'Delete group' }).click()
  const dialog = ana.page.getByRole('dialog', { name: /^Delete/ })
  await dialog.getByRole('button', { name: 'Delete group' }).click()
  await dialog.getByText('This is not the name of the group.').waitFor()
  await check(ana, 'deleting a group')
  await dialog.getByLabel('Type the group’s name').fill('Garden')
  await dialog.getByRole('button', { name: 'Delete group' }).click()
  await ana.page.waitForURL('**/c')
  for (const person of [ana, ben]) await person.conversation('Garden').waitFor({ state: 'detached' })
  assert.deepEqual([...ana.faults, ...ben.faults], [])
})
