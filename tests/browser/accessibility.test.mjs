// axe finds nothing on any screen, in either theme, on a desk and on a phone.
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

const DEVICES = { 'a desk': { width: 1280, height: 800 }, 'a phone': { width: 390, height: 844 } }

let browser
let server

before(async () => {
  server = await Server.start()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

/** A page that axe can be put into, past the policy that forbids script from elsewhere. */
const visitor = (viewport) => Person.at(browser, server, { viewport, bypassCSP: true, reducedMotion: 'reduce' })

/** Checks the page as it stands. Themes differ in nothing but their colours. */
async function check(page, screen) {
  await page.emulateMedia({ colorScheme: 'light' })
  await assertAccessible(page, `${screen} (light)`)
  await page.emulateMedia({ colorScheme: 'dark' })
  await assertAccessible(page, `${screen} (dark)`, ['color-contrast'])
}

async function openNew(page, item) {
  await page.getByRole('button', { name: 'New', exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
  await page.getByRole('dialog', { name: item }).waitFor()
}

async function closeDialog(page) {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
}

let mihai

test('the setup', async () => {
  const root = await visitor(DEVICES['a desk'])
  await root.page.getByRole('button', { name: 'Create administrator' }).click()
  await check(root.page, 'the setup with errors')
  await root.context.close()
  await Member.setUp(server, 'root', 'Root Admin')
  mihai = await Member.register(server, 'mihai', 'Mihai')
})

for (const [device, viewport] of Object.entries(DEVICES)) {
  test(`the screens before signing in, on ${device}`, async () => {
    const { page, context } = await visitor(viewport)
    await page.goto('/sign-in')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('[aria-invalid]').first().waitFor()
    await check(page, 'sign in with errors')
    await page.goto('/sign-up')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.locator('[aria-invalid]').first().waitFor()
    await check(page, 'sign up with errors')
    await page.getByLabel('Username', { exact: true }).fill(`gina.${viewport.width}`)
    await page.getByLabel('Display name').fill('Gina')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByTestId('generated-password').waitFor()
    await check(page, 'a generated password and recovery codes')
    await page.context().clearCookies()
    await page.goto('/recover')
    await page.getByRole('button', { name: 'Set new password' }).click()
    await page.locator('[aria-invalid]').first().waitFor()
    await check(page, 'recovery with errors')
    await page.goto('/no/such/page')
    await page.getByText('There is no such page').waitFor()
    await check(page, 'not found')
    await context.close()
  })

  test(`the list, its menus and dialogs, on ${device}`, async () => {
    const ana = await visitor(viewport)
    const { page } = ana
    await ana.signUp(`ana.${viewport.width}`, 'Ana Pop')
    await check(page, 'the conversations')
    await page.getByRole('searchbox', { name: 'Search conversations' }).fill('nothing like it')
    await page.getByText('Nothing found').waitFor()
    await check(page, 'nothing found')
    await page.getByRole('searchbox', { name: 'Search conversations' }).fill('')
    await page.getByRole('button', { name: 'New', exact: true }).click()
    await check(page, 'the menu for something new')
    await page.keyboard.press('Escape')
    await openNew(page, 'New message')
    await page.getByRole('dialog').getByRole('button', { name: 'Mihai' }).waitFor()
    await check(page, 'a new message')
    await closeDialog(page)
    await openNew(page, 'New group')
    await page.getByRole('button', { name: 'Create group' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Mihai' }).click()
    await check(page, 'a new group with errors and somebody chosen')
    await closeDialog(page)
    await openNew(page, 'Browse rooms')
    await page.getByRole('dialog').getByRole('button', { name: 'Open lobby' }).waitFor()
    await check(page, 'the rooms')
    await closeDialog(page)
    for (const [item, screen] of [['Edit profile', 'the profile'], ['Sign out', 'signing out']]) {
      await page.getByRole('button', { name: /Account and settings/ }).click()
      await page.getByRole('menuitem', { name: item }).waitFor()
      if (item === 'Sign out') await check(page, 'the account menu')
      await page.getByRole('menuitem', { name: item }).click()
      await page.getByRole('dialog').waitFor()
      await check(page, screen)
      await closeDialog(page)
    }
    await ana.context.close()
  })

  test(`a conversation and its members, on ${device}`, async () => {
    const ben = await visitor(viewport)
    const { page } = ben
    await ben.signUp(`ben.${viewport.width}`, 'Ben Ionescu')
    await page.goto('/c/00000000-0000-7000-8000-000000000000')
    await page.getByText('This conversation is not here').waitFor()
    await check(page, 'no such conversation')
    await page.goto('/c')
    await ben.writeTo('Mihai')
    await page.getByText('No messages yet').last().waitFor()
    await check(page, 'an empty conversation')

    const me = await page.evaluate(() => fetch('/api/v1/users/me').then((answer) => answer.json()))
    const { id } = await mihai.group(`Garden ${viewport.width}`, [me], { description: 'Who waters what' })
    await mihai.say(id, 'Some `code`, **weight**, https://example.org\n\n- a list\n\n```\nand more code\n```')
    await page.goto(`/c/${id}`)
    await page.getByText('New', { exact: true }).waitFor()
    await ben.say('Mine')
    await ben.tick('Mine', 'Sent').waitFor()
    await check(page, 'messages, system lines and days')

    await ben.openPanel('Members')
    await page.getByRole('list', { name: 'Members' }).getByRole('button', { name: 'Mihai' }).waitFor()
    await check(page, 'the members')
    await page.getByRole('button', { name: 'Leave group' }).click()
    await page.getByRole('dialog').waitFor()
    await check(page, 'leaving')
    await closeDialog(page)
    await ben.context.close()
  })

  test(`what a group's owner can do, on ${device}`, async () => {
    const owner = await visitor(viewport)
    const { page } = owner
    await owner.signIn('mihai')
    await owner.openConversation(`Garden ${viewport.width}`)
    await owner.openPanel('Members')
    for (const [button, screen] of [['Add people', 'adding people'], ['Edit group', 'editing'], ['Remove Ben Ionescu', 'removing']]) {
      await page.getByRole('button', { name: button }).click()
      await page.getByRole('dialog').waitFor()
      await check(page, screen)
      await closeDialog(page)
    }
    await owner.context.close()
  })

  test(`what goes wrong, on ${device}`, async () => {
    const ben = await visitor(viewport)
    const { page } = ben
    await ben.signIn(`ben.${viewport.width}`)
    await ben.openConversation(`Garden ${viewport.width}`)
    await page.getByRole('region', { name: 'Messages' }).getByText('Mine').waitFor()
    await ben.context.setOffline(true)
    // Until the page knows it, what is written may still go out by the open connection.
    await page.getByText('You are offline.').waitFor()
    await ben.say('While I am out')
    await ben.tick('While I am out', 'Sending').waitFor()
    await check(page, 'offline, with a message that waits')
    const group = (await mihai.conversations()).find((c) => c.group?.name === `Garden ${viewport.width}`)
    await mihai.call('PATCH', `/groups/${group.id}`, { read_only: true })
    await ben.context.setOffline(false)
    await ben.tick('While I am out', 'Not sent').waitFor()
    await check(page, 'a message that was refused')
    await ben.context.close()
  })
}
