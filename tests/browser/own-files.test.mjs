// What one uploaded: how large it is, where it is used, and how one is rid of it.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { PASSWORD, Person, launch } from './support/person.mjs'
import { picture } from './support/pictures.mjs'
import { Server } from './support/server.mjs'

const DEVICES = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
let browser
let server
let ana
let api
let lobby

before(async () => {
  server = await Server.start({ PARLOR_FILES_MAX_BYTES: '50000', PARLOR_FILES_QUOTA_BYTES: '60000', PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  browser = await launch()
  await Member.setUp(server, 'root', 'Root Admin')
  await Member.register(server, 'ana', 'Ana Pop')
  api = new Member(server, await server.api('POST', '/auth/login', { body: { login: 'ana', password: PASSWORD } }))
  lobby = await api.lobby()
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await ana.signIn('ana')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ana.faults, [], 'the page complained'))

const list = () => ana.page.getByRole('list', { name: 'My uploads' })
const row = (name) => list().getByRole('listitem').filter({ hasText: name })
const names = async () => (await list().locator('.name').allInnerTexts()).map((text) => text.replaceAll('\n', ''))
const dialog = () => ana.page.getByRole('dialog')

async function open() {
  await ana.page.getByRole('button', { name: /^Account and settings/ }).click()
  await ana.page.getByRole('menuitem', { name: 'My uploads' }).click()
  await ana.page.waitForURL('**/c/uploads')
}

async function assertFits(what) {
  assert.equal(await ana.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, what)
}

test('one who uploaded nothing is told so', async () => {
  await open()
  await ana.page.getByText('You have not uploaded anything').waitFor()
  await assertAccessibleInBoth(ana.page, 'no uploads')
})

test('uploads are listed by time and by size, with where each is used', async () => {
  const small = await api.upload('small.txt', 'x'.repeat(1_000))
  const large = await api.upload('large.txt', 'y'.repeat(30_000))
  const dot = await api.upload('dot.png', await picture(ana.page, 20, 20))
  await api.upload('unsent.txt', 'z'.repeat(2_000))
  await api.send(lobby, [small, large], 'both')
  await api.send(lobby, [small])
  await api.send(lobby, [dot], 'a dot')
  await ana.page.reload()
  await row('small.txt').getByRole('link', { name: 'lobby' }).waitFor()
  await row('unsent.txt').getByText('Not sent').waitFor()
  assert.deepEqual(await names(), ['unsent.txt', 'dot.png', 'large.txt', 'small.txt'])
  await ana.page.getByLabel('Sorted by').selectOption('Largest first')
  await list().getByRole('listitem').first().getByText('large.txt').waitFor()
  assert.equal((await names()).indexOf('unsent.txt'), 1)
  await ana.page.getByRole('meter', { name: /^33.* of 60 kB used$/ }).waitFor()
  await assertAccessibleInBoth(ana.page, 'my uploads')
})

test('a deletion says what is lost, and the messages lose the file', async () => {
  await row('small.txt').getByRole('button', { name: 'Delete small.txt' }).click()
  await dialog().getByText(/It leaves 2 messages/).waitFor()
  await assertAccessibleInBoth(ana.page, 'the question')
  await dialog().getByRole('button', { name: 'Cancel' }).click()
  assert.equal(await row('small.txt').count(), 1)
  await row('small.txt').getByRole('button', { name: 'Delete small.txt' }).click()
  await dialog().getByRole('button', { name: 'Delete', exact: true }).click()
  await row('small.txt').waitFor({ state: 'detached' })
  await ana.openConversation('lobby')
  await ana.message('both').getByRole('link', { name: /^Download large.txt/ }).waitFor()
  assert.equal(await ana.page.getByRole('link', { name: /^Download small.txt/ }).count(), 0)
  await ana.page.getByText('This message was deleted').waitFor()
})

test('who may upload no more is led there, and several are deleted together', async () => {
  const choosing = ana.page.waitForEvent('filechooser')
  await ana.page.getByRole('button', { name: 'Attach files' }).click()
  await (await choosing).setFiles({ name: 'more.txt', mimeType: 'text/plain', buffer: Buffer.from('m'.repeat(40_000)) })
  await ana.page.getByRole('list', { name: 'Files to send' }).getByRole('link', { name: 'My uploads' }).click()
  await ana.page.waitForURL('**/c/uploads')
  await row('large.txt').getByRole('checkbox').check()
  await ana.page.keyboard.press('Tab')
  await row('unsent.txt').getByRole('checkbox').check()
  await ana.page.getByRole('button', { name: 'Delete 2 files' }).click()
  await dialog().getByText(/It leaves one message/).waitFor()
  await dialog().getByRole('button', { name: 'Delete', exact: true }).click()
  await dialog().waitFor({ state: 'detached' })
  assert.deepEqual(await names(), ['dot.png'])
  await ana.openConversation('lobby')
  await ana.page.getByRole('button', { name: 'Upload more.txt again' }).click()
  await ana.page.locator('[data-state="done"]').waitFor()
})

test('on a phone all of it fits', async () => {
  await ana.page.setViewportSize(DEVICES.phone)
  await ana.page.goto('/c/uploads')
  await row('dot.png').waitFor()
  await assertFits('my uploads on a phone')
  await assertAccessibleInBoth(ana.page, 'my uploads on a phone')
  await ana.page.setViewportSize(DEVICES.desk)
})
