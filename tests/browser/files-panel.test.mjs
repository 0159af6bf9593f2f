// The files of a conversation beside it: found by kind, shown large, and followed as they come and go.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { picture } from './support/pictures.mjs'
import { Server } from './support/server.mjs'

const DEVICES = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
let browser
let server
let ana
let ben
let lobby
let notes

before(async () => {
  server = await Server.start({ PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  browser = await launch()
  ana = await Member.setUp(server, 'ana', 'Ana Pop')
  const member = await Member.register(server, 'ben', 'Ben Ionescu')
  lobby = await ana.lobby()
  notes = await member.direct(ana)
  ben = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await ben.signIn('ben')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ben.faults, [], 'the page complained'))

const panel = () => ben.page.getByRole('region', { name: 'Files', exact: true })
const choose = (kind) => panel().getByRole('button', { name: kind, exact: true }).click()
const tile = (name) => panel().getByRole('button', { name: `Show ${name} large` })
const card = (name) => panel().getByRole('link', { name: new RegExp(`^Download ${name},`) })

async function assertFits(what) {
  assert.equal(await ben.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, what)
}

test('a conversation without files says so, and what is sent appears at once', async () => {
  await ben.openConversation('lobby')
  await ben.openPanel('Files')
  await ben.page.waitForURL('**/files')
  await panel().getByText('No files yet').waitFor()
  await assertAccessibleInBoth(ben.page, 'an empty files panel')
  for (const i of [1, 2, 3]) await ana.send(lobby, [await ana.upload(`p${i}.png`, await picture(ben.page, 900, 600, `hsl(${i * 90} 60% 50%)`))], `picture ${i}`)
  await ana.send(lobby, [await ana.upload('minutes.txt', 'what was said')], 'the minutes')
  await card('minutes.txt').waitFor()
  for (const i of [1, 2, 3]) await tile(`p${i}.png`).waitFor()
  await assertAccessibleInBoth(ben.page, 'the files panel')
})

test('what moves does so in its message and stands still in the list', async () => {
  const bytes = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
  const file = await ana.upload('dance.gif', bytes, 'image/gif')
  const { message_id } = await ana.send(lobby, [file], 'a dance')
  const addressOf = (image) => image.evaluate((element) => element.getAttribute('src'))
  assert.equal(await addressOf(tile('dance.gif').locator('img')), `/api/v1/files/${file.id}/thumbnail?size=small`)
  const shown = ben.message('a dance').getByRole('button', { name: 'Show dance.gif large' }).locator('img')
  assert.equal(await addressOf(shown), `/api/v1/files/${file.id}`)
  assert.equal(await shown.getAttribute('loading'), 'lazy')
  await ana.call('DELETE', `/messages/${message_id}`)
  await tile('dance.gif').waitFor({ state: 'detached' })
})

test('kinds are chosen, by keys too, and a kind that there is not says so', async () => {
  await choose('Pictures')
  await tile('p1.png').waitFor()
  await card('minutes.txt').waitFor({ state: 'detached' })
  assert.equal(await panel().locator('.tile').count(), 3)
  await panel().getByRole('button', { name: 'Documents', exact: true }).focus()
  await ben.page.keyboard.press('Enter')
  await card('minutes.txt').waitFor()
  assert.equal(await panel().locator('.tile').count(), 0)
  await choose('Videos')
  await panel().getByText('No videos yet').waitFor()
  await choose('All')
  await tile('p1.png').waitFor()
})

test('a picture is shown large among the others of the conversation', async () => {
  await tile('p2.png').focus()
  await ben.page.keyboard.press('Enter')
  const lightbox = ben.page.getByRole('dialog')
  await lightbox.getByText('2 of 3').waitFor()
  await ben.page.keyboard.press('ArrowRight')
  await lightbox.getByText('3 of 3').waitFor()
  await ben.page.keyboard.press('Escape')
  await lightbox.waitFor({ state: 'detached' })
  await ben.page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Show p2.png large')
})

test('who sent it leads to the message in its place', async () => {
  await panel().getByRole('link', { name: 'Show the message of Ana Pop with p1.png' }).click()
  await ben.page.waitForURL('**/m/*')
  await ben.message('picture 1').waitFor()
  await ben.page.goBack()
  await tile('p1.png').waitFor()
})

test('a file goes with its message, and when its owner removes it', async () => {
  const file = await ana.upload('wrong.txt', 'not for you')
  const { message_id } = await ana.send(lobby, [file], 'a mistake')
  await card('wrong.txt').waitFor()
  await ana.call('DELETE', `/messages/${message_id}`)
  await card('wrong.txt').waitFor({ state: 'detached' })
  const late = await ana.upload('late.txt', 'too late')
  await ana.send(lobby, [late], 'stays without its file')
  await card('late.txt').waitFor()
  await ben.message('stays without its file').getByRole('link', { name: /^Download late.txt/ }).waitFor()
  await ana.call('DELETE', `/files/${late.id}`)
  await card('late.txt').waitFor({ state: 'detached' })
  // It leaves the message, which stays.
  await ben.message('stays without its file').getByRole('link', { name: /^Download late.txt/ }).waitFor({ state: 'detached' })
  await ben.message('stays without its file').waitFor()
})

test('more is loaded while one scrolls', async () => {
  for (let n = 0; n < 60; n++) await ana.send(notes, [await ana.upload(`note ${n}.txt`, `note ${n}`)])
  await ben.page.goto(`/c/${notes}/files`)
  await card('note 59.txt').waitFor()
  assert.equal(await card('note 0.txt').count(), 0)
  await card('note 12.txt').scrollIntoViewIfNeeded()
  await card('note 0.txt').waitFor()
  await panel().getByRole('button', { name: 'Show more' }).waitFor({ state: 'detached' })
})

test('on a phone the files take the place of the conversation', async () => {
  await ben.page.setViewportSize(DEVICES.phone)
  await ben.page.goto(`/c/${lobby}/files`)
  await tile('p1.png').waitFor()
  await assertFits('files on a phone')
  await assertAccessibleInBoth(ben.page, 'files on a phone')
  await ben.page.getByRole('button', { name: 'Close files' }).click()
  await panel().waitFor({ state: 'detached' })
  await ben.page.goto(`/c/${lobby}`)
  // The name of the conversation needs the room that its buttons would take.
  await ben.page.getByRole('button', { name: 'More', exact: true }).waitFor()
  assert.equal(await ben.page.getByRole('button', { name: 'Files', exact: true }).count(), 0)
  await ben.page.getByRole('button', { name: 'More', exact: true }).click()
  await ben.page.getByRole('menuitem', { name: 'Members', exact: true }).waitFor()
  await assertAccessibleInBoth(ben.page, 'what is behind the conversation, on a phone')
  await ben.page.keyboard.press('Escape')
  const name = await ben.page.getByRole('heading', { name: 'lobby' }).boundingBox()
  assert.ok(name.width > 150, `the name has room: ${name.width}`)
  await ben.openPanel('Files')
  await tile('p1.png').waitFor()
  await ben.page.getByRole('button', { name: 'Close files' }).click()
  await ben.page.setViewportSize(DEVICES.desk)
})
