// Taking data along, in a real browser.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { PASSWORD, Person, launch } from './support/person.mjs'
import { Member } from './support/member.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let root

before(async () => {
  server = await Server.start()
  browser = await launch()
  root = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await root.setUp('root', 'Root Admin')
  await Member.register(server, 'ana', 'Ana Pop')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

/** Gives the password, and waits for the file; the archive's bytes. */
async function take(page, place, name) {
  await place.getByRole('button', { name: 'Download', exact: true }).click()
  await place.getByText('Enter your password').waitFor()
  await place.getByLabel('Your password').fill('not the password')
  await place.getByRole('button', { name: 'Download', exact: true }).click()
  await place.getByText('This is not your password.').waitFor()
  await place.getByLabel('Your password').fill(PASSWORD)
  const coming = page.waitForEvent('download')
  await place.getByRole('button', { name: 'Download', exact: true }).click()
  const download = await coming
  assert.match(download.suggestedFilename(), new RegExp(`^${name}-\\d{4}-\\d\\d-\\d\\d\\.zip$`))
  await place.getByText('The download has begun.').waitFor()
  const bytes = await readFile(await download.path())
  assert.equal(bytes.subarray(0, 2).toString(), 'PK')
  return bytes
}

test('one takes one’s own data along', async () => {
  const ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: { width: 360, height: 740 } })
  await ana.signIn('ana')
  const { page } = ana
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Password and devices' }).click()
  const section = page.getByRole('dialog').getByRole('region', { name: 'Your data' })
  const bytes = await take(page, section, 'ana')
  assert.ok(bytes.includes('messages.json') && bytes.includes('drafts.json'))
  await assertAccessibleInBoth(page, 'taking one’s data along')
  assert.deepEqual(ana.faults, [])
  await ana.context.close()
})

test('an admin takes somebody’s data along for them', async () => {
  const { page } = root
  await page.goto('/admin/users')
  await page.getByRole('button', { name: 'Manage Ana Pop' }).click()
  const dialog = page.getByRole('dialog', { name: 'Ana Pop' })
  await dialog.getByRole('button', { name: 'Download their data' }).click()
  await dialog.getByText('no direct conversations').waitFor()
  await assertAccessibleInBoth(page, 'taking somebody’s data along')
  const bytes = await take(page, dialog, 'ana')
  assert.ok(bytes.includes('messages.json') && !bytes.includes('drafts.json'))
  await page.goto('/admin/audit')
  await page.getByRole('list', { name: 'Audit log', exact: true }).getByText('Data downloaded').first().waitFor()
  assert.deepEqual(root.faults, [])
})
