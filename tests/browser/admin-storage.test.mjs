// How much room files take, and whose they are: for admins, on a desk and on a phone.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

const DEVICES = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
let browser
let server
let root
let ben

before(async () => {
  server = await Server.start({ PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  browser = await launch()
  root = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', viewport: DEVICES.desk })
  await root.setUp('root', 'Root Admin')
  ben = await Member.register(server, 'ben', 'Ben Ionescu')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(root.faults, [], 'the page complained'))

const tile = (name) => root.page.locator('dl > div').filter({ has: root.page.locator('dt', { hasText: name }) })
const table = (name) => root.page.getByRole('region', { name, exact: true })

async function assertFits(what) {
  assert.equal(await root.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, what)
}

test('admins see how much there is, and no file by its name', async () => {
  const { page } = root
  await page.goto('/admin/overview')
  await page.getByRole('link', { name: 'Storage' }).click()
  await page.waitForURL('**/admin/storage')
  await table('By user').getByText('There are no files yet.').waitFor()
  const garden = await ben.group('Secret garden', [])
  await ben.send(garden.id, [await ben.upload('secret-plan.txt', 'x'.repeat(20_000))])
  await ben.upload('unsent-plan.txt', 'y'.repeat(3_000))
  await page.reload()
  await tile('Files').getByText('2', { exact: true }).waitFor()
  await tile('On the disk').getByText('23 kB').waitFor()
  await tile('Waiting to be freed').getByText('1 file').waitFor()
  await table('By user').getByRole('row', { name: /Ben Ionescu @ben 2 23 kB/ }).waitFor()
  await table('By group').getByRole('row', { name: /Secret garden 1 20 kB/ }).waitFor()
  assert.equal(await page.getByText('plan.txt').count(), 0)
  await assertAccessibleInBoth(page, 'storage')
})

test('a row leads to the user and to the group', async () => {
  const { page } = root
  for (const [where, name] of [['By user', 'Ben Ionescu'], ['By group', 'Secret garden']]) {
    await table(where).getByRole('button', { name: `Manage ${name}` }).click()
    await page.getByRole('dialog', { name, exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
})

test('on a phone all of it fits', async () => {
  const { page } = root
  await page.setViewportSize(DEVICES.phone)
  await page.goto('/admin/storage')
  await table('By group').getByRole('row', { name: /Secret garden/ }).waitFor()
  await assertFits('storage on a phone')
  await assertAccessibleInBoth(page, 'storage on a phone')
  await page.setViewportSize(DEVICES.desk)
})
