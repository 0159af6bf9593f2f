// What one chooses for a device: its language, its theme, and the key that sends.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana

before(async () => {
  server = await Server.start()
  browser = await launch()
  const admin = await Member.setUp(server, 'ana', 'Ana Pop')
  const others = []
  for (const name of ['ben', 'carl']) others.push(await Member.register(server, name, name))
  await admin.group('Kitchen', others)
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await ana.signIn('ana')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

const dialog = (name = 'Settings') => ana.page.getByRole('dialog', { name })

async function open() {
  await ana.page.getByRole('button', { name: /^Account and settings/ }).click()
  await ana.page.getByRole('menuitem', { name: 'Settings', exact: true }).click()
  await dialog().waitFor()
}

test('with Ctrl+Enter as the key that sends, Enter begins a new line, also after a reload', async () => {
  await open()
  await dialog().getByRole('radio', { name: /^Ctrl\+Enter/ }).check()
  await dialog().getByRole('button', { name: 'Done' }).click()
  await ana.page.reload()
  await ana.openConversation('lobby')
  const box = ana.page.getByRole('textbox', { name: 'Message' })
  await box.fill('one')
  await ana.page.keyboard.press('Enter')
  await ana.page.keyboard.type('two')
  assert.equal(await box.inputValue(), 'one\ntwo')
  await ana.page.keyboard.press('Control+Enter')
  await ana.tick('one', 'Sent').waitFor()
  assert.equal(await box.inputValue(), '')
  await open()
  await dialog().getByRole('radio', { name: /^Enter/ }).check()
  await ana.page.keyboard.press('Escape')
  await box.fill('three')
  await box.press('Enter')
  await ana.tick('three', 'Sent').waitFor()
})

test('the theme holds at once', async () => {
  await open()
  await dialog().getByRole('radio', { name: 'Dark' }).check()
  await ana.page.locator('html[data-theme="dark"]').waitFor()
  await dialog().getByRole('radio', { name: 'System' }).check()
  for (const colorScheme of ['light', 'dark']) {
    await ana.page.emulateMedia({ colorScheme })
    await assertAccessible(ana.page, `the settings (${colorScheme})`)
  }
  await ana.page.keyboard.press('Escape')
})

test('the language changes at once, with its dates and its way to count, and stays', async () => {
  await open()
  await dialog().getByRole('combobox', { name: 'Language' }).selectOption({ label: 'Română' })
  await dialog('Setări').waitFor()
  await ana.page.keyboard.press('Escape')
  await ana.page.reload()
  await ana.page.getByRole('list', { name: 'Conversații' }).getByRole('link', { name: 'Kitchen' }).click()
  await ana.page.getByText('3 membri').waitFor()
  await ana.page.getByText('Astăzi').or(ana.page.getByText('Azi')).first().waitFor()
  assert.equal(await ana.page.locator('html').getAttribute('lang'), 'ro')
  await assertAccessible(ana.page, 'a conversation in Romanian')
  assert.deepEqual(ana.faults, [])
})

test('a browser that speaks Romanian gets it from the first page on, and any other gets English', async () => {
  for (const [locale, name] of [['ro-RO', 'Conectează-te'], ['fr-FR', 'Sign in']]) {
    const guest = await Person.at(browser, server, { locale })
    await guest.page.getByRole('button', { name }).waitFor()
    assert.deepEqual(guest.faults, [])
    await guest.context.close()
  }
})
