// axe finds nothing on any screen, in either theme, on a desk and on a phone.
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

const DESK = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }

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

/** Runs a check on the page as it stands, in both themes. */
async function inBothThemes(page, screen) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await assertAccessible(page, `${screen} (${colorScheme})`)
  }
}

test('setup', async () => {
  const root = await Person.at(browser, server, { bypassCSP: true })
  await root.page.getByRole('button', { name: 'Create administrator' }).waitFor()
  await inBothThemes(root.page, 'setup')
  await root.setUp('root', 'Root Admin')
  await root.context.close()
})

for (const [device, viewport] of [['a desk', DESK], ['a phone', PHONE]]) {
  test(`the screens before signing in, on ${device}`, async () => {
    const guest = await Person.at(browser, server, { viewport, bypassCSP: true })
    await guest.page.goto('/sign-in')
    await guest.page.getByRole('button', { name: 'Sign in' }).click()
    await inBothThemes(guest.page, 'sign in')
    await guest.page.goto('/sign-up')
    await guest.page.getByRole('button', { name: 'Create account' }).click()
    await inBothThemes(guest.page, 'sign up with errors')
    await guest.page.goto('/no/such/page')
    await guest.page.getByText('There is no such page').waitFor()
    await inBothThemes(guest.page, 'not found')
    await guest.context.close()
  })

  test(`the chat, on ${device}`, async () => {
    const ana = await Person.at(browser, server, { viewport, bypassCSP: true })
    await ana.signUp(`ana.${viewport.width}`, 'Ana Pop')
    await inBothThemes(ana.page, 'the conversations')
    for (const dialog of ['New message', 'New group', 'Browse rooms']) {
      await ana.page.getByRole('button', { name: 'New', exact: true }).click()
      await ana.page.getByRole('menuitem', { name: dialog }).click()
      await ana.page.getByRole('dialog').waitFor()
      await inBothThemes(ana.page, dialog)
      await ana.page.keyboard.press('Escape')
      await ana.page.getByRole('dialog').waitFor({ state: 'hidden' })
    }
    await ana.page.getByRole('button', { name: /Account and settings/ }).click()
    await inBothThemes(ana.page, 'the settings')
    await ana.page.getByRole('menuitem', { name: 'Edit profile' }).click()
    await inBothThemes(ana.page, 'the profile')
    await ana.page.keyboard.press('Escape')
    await ana.openConversation('lobby')
    await ana.say('A message with `code`, **weight** and https://example.org')
    await ana.tick('A message with', 'Sent').waitFor()
    await inBothThemes(ana.page, 'a conversation')
    await ana.page.getByRole('button', { name: 'Members' }).click()
    await ana.page.getByRole('list', { name: 'Members' }).getByText('Root Admin').waitFor()
    await inBothThemes(ana.page, 'the members')
    await ana.context.close()
  })
}
