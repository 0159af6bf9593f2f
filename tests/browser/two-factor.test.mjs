// Two-factor sign-in, in a real browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { PASSWORD, Person, launch } from './support/person.mjs'
import { Member } from './support/member.mjs'
import { Server } from './support/server.mjs'
import { codeOf } from './support/totp.mjs'

let browser
let server
let root
let ana
let codes
let key

before(async () => {
  server = await Server.start()
  browser = await launch()
  root = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await root.setUp('root', 'Root Admin')
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: { width: 360, height: 740 } })
  await ana.page.goto('/sign-up')
  await ana.fillNewAccount('ana', 'Ana Pop')
  await ana.page.getByRole('button', { name: 'Create account' }).click()
  codes = await ana.saveCodes()
  await ana.skipPicture()
  await ana.arrive()
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

async function openSection({ page }) {
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Password and devices' }).click()
  const section = page.getByRole('dialog').getByRole('region', { name: 'Two-factor sign-in' })
  await section.waitFor()
  return section
}

/** Sets it up with the key that is shown; which one that is. */
async function setUp(page, section) {
  await section.getByRole('button', { name: 'Set up' }).click()
  await section.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor()
  const shown = await section.getByLabel('Key').inputValue()
  assert.match(shown, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
  await section.getByLabel('Code', { exact: true }).fill('12345')
  await section.getByRole('button', { name: 'Turn on' }).click()
  await section.getByText('The code is wrong, or was used before.').waitFor()
  await assertAccessibleInBoth(page, 'setting up two-factor sign-in')
  await section.getByLabel('Code', { exact: true }).fill(codeOf(shown))
  await section.getByRole('button', { name: 'Turn on' }).click()
  return shown
}

/** Gives login and password, and waits for the question for the code. */
async function begin({ page }, login) {
  await page.goto('/sign-in')
  await page.getByLabel('Username, user ID or e-mail').fill(login)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Two-factor sign-in' }).waitFor()
}

async function giveCode({ page }, code) {
  await page.getByLabel('Code', { exact: true }).fill(code)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('an app is set up by its key, and the next sign-in asks for its code', async () => {
  const section = await openSection(ana)
  key = await setUp(ana.page, section)
  await section.getByText('Two-factor sign-in is on.').waitFor()
  await assertAccessibleInBoth(ana.page, 'two-factor sign-in is on')

  const there = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await begin(there, 'ana')
  await there.page.getByLabel('Code', { exact: true }).and(there.page.locator(':focus')).waitFor()
  await assertAccessibleInBoth(there.page, 'the code at the sign-in')
  await giveCode(there, '')
  await there.page.getByText('Enter the code that your app shows.').waitFor()
  await giveCode(there, '000000')
  await there.page.getByText('The code is wrong, or was used before.').waitFor()
  await giveCode(there, codeOf(key, 1))
  await there.arrive()
  assert.deepEqual(there.faults, [])
  await there.context.close()
})

test('a recovery code takes the place of the app, and turns it off', async () => {
  const there = await Person.at(browser, server)
  await begin(there, 'ana')
  await giveCode(there, codes[0])
  await there.arrive()
  await there.context.close()
  const section = ana.page.getByRole('dialog').getByRole('region', { name: 'Two-factor sign-in' })
  await section.getByRole('button', { name: 'Turn off' }).click()
  await section.getByLabel('Code', { exact: true }).fill(codes[0])
  await section.getByRole('button', { name: 'Turn off' }).click()
  await section.getByText('The code is wrong, or was used before.').waitFor()
  await assertAccessibleInBoth(ana.page, 'turning two-factor sign-in off')
  await section.getByLabel('Code', { exact: true }).fill(codes[1])
  await section.getByRole('button', { name: 'Turn off' }).click()
  await section.getByRole('button', { name: 'Set up' }).waitFor()
  assert.deepEqual(ana.faults, [])
})

test('an admin takes it away from one who lost it', async () => {
  const section = ana.page.getByRole('dialog').getByRole('region', { name: 'Two-factor sign-in' })
  await setUp(ana.page, section)
  await section.getByText('Two-factor sign-in is on.').waitFor()
  const { page } = root
  await page.goto('/admin/users')
  await page.getByRole('button', { name: 'Manage Ana Pop' }).click()
  const dialog = page.getByRole('dialog', { name: 'Ana Pop' })
  await dialog.getByRole('button', { name: 'Remove two-factor sign-in' }).click()
  await dialog.getByRole('button', { name: 'Remove two-factor sign-in' }).waitFor({ state: 'detached' })
  const there = await Person.at(browser, server)
  await there.signIn('ana')
  await there.context.close()
})

test('where admins need it, one without it sets it up before anything else', async () => {
  const { page } = root
  await page.goto('/admin/settings')
  const needed = page.getByLabel('Administrators need two-factor sign-in')
  await needed.click()
  await page.getByText('Set it up under “Password and devices” first.').waitFor()
  assert.equal(await needed.isChecked(), false, 'it is shown as it is')
  await page.goto('/c')
  const section = await openSection(root)
  await setUp(page, section)
  await section.getByText('Two-factor sign-in is on.').waitFor()
  await page.goto('/admin/settings')
  await needed.click()
  await page.getByText('Saved.').waitFor()
  assert.equal(await needed.isChecked(), true)
  await assertAccessibleInBoth(page, 'settings')

  await Member.register(server, 'cleo', 'Cleo Marin')
  await server.run('user', 'role', 'cleo', 'admin')
  const there = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await there.signIn('cleo')
  await there.page.goto('/admin/users')
  const first = there.page.getByRole('region', { name: 'Two-factor sign-in' })
  await first.getByText('You are an administrator here only with two-factor sign-in.').waitFor()
  await assertAccessibleInBoth(there.page, 'an administrator who has to set it up')
  assert.equal(await there.page.getByRole('navigation', { name: 'Administration' }).count(), 0)
  await setUp(there.page, first)
  await there.page.getByRole('list', { name: 'People', exact: true }).getByText('Ana Pop').waitFor()
  assert.deepEqual([...root.faults, ...there.faults], [])
})
