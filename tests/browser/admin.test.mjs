// Looking after the server, in a real browser, on a desk and on a phone.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { PASSWORD, Person, launch } from './support/person.mjs'
import { Member } from './support/member.mjs'
import { Server } from './support/server.mjs'

const DEVICES = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
let browser
let server
let root

before(async () => {
  server = await Server.start()
  browser = await launch()
  root = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: DEVICES.desk })
  await root.setUp('root', 'Root Admin')
  for (const [username, name] of [['ben', 'Ben Ionescu'], ['cleo', 'Cleo Marin']]) await Member.register(server, username, name)
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

const row = (page, list, text) => page.getByRole('list', { name: list, exact: true }).getByRole('listitem').filter({ hasText: text })

/** Signs in with a temporary password, and chooses one of their own. */
async function replace(person, login, password) {
  const { page } = person
  await page.goto('/sign-in')
  await page.getByLabel('Username, user ID or e-mail').fill(login)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
  await page.getByLabel('New password').fill('nine yellow bicycles')
  await page.getByLabel('Confirm password').fill('nine yellow bicycle')
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await page.getByText('The two passwords are not the same.').waitFor()
  await assertAccessibleInBoth(page, 'choosing a password of one’s own')
  await page.getByLabel('Confirm password').fill('nine yellow bicycles')
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await person.arrive()
}

async function manage(page, name) {
  await page.getByRole('button', { name: `Manage ${name}` }).click()
  const dialog = page.getByRole('dialog', { name })
  await dialog.waitFor()
  return dialog
}

test('who is no admin does not get there', async () => {
  const ben = await Person.at(browser, server)
  await ben.signIn('ben')
  await ben.page.getByRole('button', { name: /^Account and settings/ }).click()
  await ben.page.getByRole('menuitem', { name: 'Settings', exact: true }).waitFor()
  assert.equal(await ben.page.getByRole('menuitem', { name: 'Administration' }).count(), 0)
  await ben.page.goto('/admin/audit')
  await ben.page.waitForURL('**/c')
  await ben.context.close()
})

test('somebody is banned, sees why, and is let in again', async () => {
  const ben = await Person.at(browser, server)
  await ben.signIn('ben')
  const { page } = root
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Administration' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.getByRole('link', { name: 'People', exact: true }).first().click()
  await row(page, 'People', 'Cleo Marin').waitFor()
  await assertAccessibleInBoth(page, 'people')
  const dialog = await manage(page, 'Ben Ionescu')
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click()
  await dialog.getByLabel('Reason').fill('Sold shoes in the lobby')
  await dialog.getByLabel('How many').fill('0')
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click()
  await dialog.getByText('Enter a whole number above 0.').waitFor()
  await assertAccessibleInBoth(page, 'a ban')
  await dialog.getByLabel('How many').fill('2')
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click()
  await dialog.getByText('Sold shoes in the lobby').waitFor()
  await assertAccessibleInBoth(page, 'an account that is banned')
  await page.keyboard.press('Escape')
  await row(page, 'People', 'Ben Ionescu').getByText('Banned').waitFor()

  await ben.page.waitForURL('**/sign-in**')
  await ben.page.getByLabel('Username, user ID or e-mail').fill('ben')
  await ben.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await ben.page.getByRole('button', { name: 'Sign in' }).click()
  await ben.page.getByText('Sold shoes in the lobby').waitFor()

  await page.getByRole('link', { name: 'Bans' }).click()
  await row(page, 'Bans', 'Ben Ionescu').waitFor()
  await assertAccessibleInBoth(page, 'bans')
  await page.getByRole('button', { name: 'Lift the ban of Ben Ionescu' }).click()
  await page.getByText('Nobody is shut out').waitFor()
  await ben.signIn('ben')
  await ben.context.close()
})

test('an account is made and becomes an admin, after the password once more', async () => {
  const { page } = root
  await page.goto('/admin/users')
  await page.getByRole('button', { name: 'New account' }).click()
  const made = page.getByRole('dialog')
  await made.getByLabel('Display name').fill('Dora Stan')
  await made.getByLabel('Username', { exact: true }).fill('Not A Name')
  await made.getByRole('button', { name: 'Make account' }).click()
  await made.locator('[aria-invalid]').waitFor()
  await made.getByLabel('Username', { exact: true }).fill('dora')
  await made.getByRole('button', { name: 'Make account' }).click()
  const password = await made.getByLabel('Password', { exact: true }).inputValue()
  await assertAccessibleInBoth(page, 'a new account')
  await page.keyboard.press('Escape')
  const dora = await Person.at(browser, server, { bypassCSP: true, viewport: DEVICES.phone })
  await replace(dora, 'dora', password)

  const dialog = await manage(page, 'Dora Stan')
  await dialog.getByRole('radio', { name: /^Admin/ }).check()
  // Signing in counts as giving the password for ten minutes.
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await row(page, 'People', 'Dora Stan').getByText('Administrator', { exact: true }).waitFor()
  await dora.page.getByRole('button', { name: /^Account and settings/ }).click()
  await dora.page.getByRole('menuitem', { name: 'Administration' }).waitFor()
  await dora.context.close()
})

test('a link gives an account back that has no code left', async () => {
  const { page } = root
  await page.goto('/admin/users')
  const dialog = await manage(page, 'Cleo Marin')
  await dialog.getByRole('button', { name: 'Link for a lost password' }).click()
  const url = await dialog.getByLabel('Link for a new password').inputValue()
  await assertAccessibleInBoth(page, 'a link for a lost password')
  await page.keyboard.press('Escape')
  const cleo = await Person.at(browser, server, { bypassCSP: true, viewport: DEVICES.phone })
  await cleo.page.goto(url)
  await cleo.page.getByLabel('New password', { exact: true }).fill('nine yellow bicycles')
  await cleo.page.getByLabel('Confirm password').fill('nine yellow bicycles')
  await assertAccessibleInBoth(cleo.page, 'a new password by a link')
  await cleo.page.getByRole('button', { name: 'Set new password' }).click()
  await cleo.page.getByText('Sign in as').waitFor()
  await cleo.signIn('cleo', 'nine yellow bicycles')
  await cleo.context.close()
})

test('a temporary password is given and has to be replaced', async () => {
  const { page } = root
  await page.goto('/admin/users')
  const dialog = await manage(page, 'Ben Ionescu')
  await dialog.getByRole('button', { name: 'Temporary password' }).click()
  await dialog.getByLabel('Temporary password').fill('short')
  await dialog.getByRole('button', { name: 'Set temporary password' }).click()
  await dialog.locator('[aria-invalid]').waitFor()
  await assertAccessibleInBoth(page, 'giving a temporary password')
  await dialog.getByLabel('Temporary password').fill('')
  await dialog.getByRole('button', { name: 'Set temporary password' }).click()
  await dialog.getByRole('button', { name: 'Copy', exact: true }).waitFor()
  const password = await dialog.getByLabel('Temporary password').inputValue()
  await assertAccessibleInBoth(page, 'a temporary password')
  await page.keyboard.press('Escape')
  const ben = await Person.at(browser, server, { bypassCSP: true })
  await replace(ben, 'ben', password)
  await ben.context.close()
})

test('the last admin cannot give it up', async () => {
  const { page } = root
  await page.goto('/admin/users')
  for (const [name, refused] of [['Dora Stan', false], ['Root Admin', true]]) {
    const dialog = await manage(page, name)
    await dialog.getByRole('radio', { name: /^Member/ }).check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    if (refused) await dialog.getByText('This is the last admin; make somebody else an admin first.').waitFor()
    else await dialog.waitFor({ state: 'detached' })
  }
  await page.keyboard.press('Escape')
})

test('what was done is read, filtered and saved', async () => {
  const { page } = root
  await page.goto('/admin/audit')
  const all = page.getByRole('list', { name: 'Audit log', exact: true })
  await all.getByText('role: admin → user').waitFor()
  await assertAccessibleInBoth(page, 'the audit log')
  await page.getByLabel(/^What/).selectOption({ label: 'Banned' })
  await all.getByText('role: admin → user').waitFor({ state: 'detached' })
  await row(page, 'Audit log', 'Ben Ionescu').getByText(/Sold shoes/).waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save as CSV' }).click()])
  assert.equal(download.suggestedFilename(), 'audit.csv')
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n')
  assert.equal(lines.length, 2)
  assert.match(lines[1], /user_banned/)
  await page.getByLabel('From', { exact: true }).fill('2999-01-01')
  await page.getByText('Nothing was done').waitFor()
})

test('it all works on a phone', async () => {
  const { page } = root
  await page.setViewportSize(DEVICES.phone)
  for (const part of ['users', 'bans', 'audit']) {
    await page.goto(`/admin/${part}`)
    await page.getByRole('heading', { level: 2 }).first().waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, part)
  }
  await page.goto('/admin/users')
  await manage(page, 'Ben Ionescu')
  await assertAccessibleInBoth(page, 'an account on a phone')
  assert.deepEqual(root.faults, [])
})
