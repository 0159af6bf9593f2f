// Files in their place and large, in a real browser.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { picture } from './support/pictures.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana
let ben
let lobby

before(async () => {
  server = await Server.start({ PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  browser = await launch()
  ana = await Member.setUp(server, 'ana', 'Ana Pop')
  await Member.register(server, 'ben', 'Ben Ionescu')
  lobby = await ana.lobby()
  ben = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await ben.signIn('ben')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ben.faults, [], 'the page complained'))

async function pictures(n, text, size = (i) => [900 + i, 600]) {
  const files = []
  for (let i = 1; i <= n; i++) files.push(await ana.upload(`${text} ${i}.png`, await picture(ben.page, ...size(i), `hsl(${i * 60} 60% 50%)`)))
  return ana.send(lobby, files, text)
}

/** A WAV of silence. */
function silence() {
  const bytes = Buffer.alloc(44 + 8_000, 0x80)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(36 + 8_000, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(8_000, 24)
  bytes.writeUInt32LE(8_000, 28)
  bytes.writeUInt16LE(1, 32)
  bytes.writeUInt16LE(8, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(8_000, 40)
  return bytes
}

const tiles = (text) => ben.message(text).locator('.tile')
const lightbox = () => ben.page.getByRole('dialog')
const placesOf = (selector) => ben.page.locator(selector).evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().toJSON()))

test('pictures have their place before they come, so that nothing moves', async () => {
  for (const n of [1, 2, 3, 4, 6]) await pictures(n, `set of ${n}`)
  await ana.say(lobby, 'below them all')
  const held = []
  let free = false
  await ben.page.route('**/thumbnail?*', (route) => (free ? route.continue() : held.push(route)))
  await ben.openConversation('lobby')
  await ben.message('below them all').waitFor()
  await ben.page.locator('.tile canvas').first().waitFor()
  const before = await placesOf('[data-client-id], .gallery, .tile')
  free = true
  for (const route of held) await route.continue()
  await ben.page.waitForFunction(() => [...document.querySelectorAll('.tile img')].every((image) => image.complete && image.naturalWidth > 0))
  assert.deepEqual(await placesOf('[data-client-id], .gallery, .tile'), before)
  await ben.page.locator('.tile canvas').first().waitFor({ state: 'detached' })
  await ben.page.unroute('**/thumbnail?*')
})

test('several pictures lie together, and the last one tells how many more there are', async () => {
  for (const [n, shown] of [[1, 1], [2, 2], [3, 3], [4, 4], [6, 4]]) assert.equal(await tiles(`set of ${n}`).count(), shown)
  await tiles('set of 6').last().getByText('+2').waitFor()
  assert.equal(await tiles('set of 6').last().getAttribute('aria-label'), 'Show set of 6 4.png large, and 2 more pictures')
})

test('a picture is shown large, and the others by keys and buttons', async () => {
  await tiles('set of 6').nth(1).focus()
  await ben.page.keyboard.press('Enter')
  await lightbox().getByText('2 of 6').waitFor()
  const shown = lightbox().getByRole('img', { name: /^set of 6/ })
  await ben.page.waitForFunction(() => /\/files\/[0-9a-f-]+$/.test(document.querySelector('.stage img')?.src ?? ''), undefined)
  await assertAccessibleInBoth(ben.page, 'a picture that is shown large')
  await ben.page.keyboard.press('ArrowRight')
  await lightbox().getByText('3 of 6').waitFor()
  await lightbox().getByRole('button', { name: 'Next picture' }).click()
  await lightbox().getByText('4 of 6').waitFor()
  for (const at of [5, 6]) {
    await lightbox().getByRole('button', { name: 'Next picture' }).click()
    await lightbox().getByText(`${at} of 6`).waitFor()
  }
  await ben.page.keyboard.press('Home')
  await lightbox().getByText('1 of 6').waitFor()
  await ben.page.keyboard.press('End')
  await lightbox().getByText('6 of 6').waitFor()
  assert.equal(await lightbox().getByRole('button', { name: 'Next picture' }).getAttribute('aria-disabled'), 'true')
  await ben.page.keyboard.press('ArrowLeft')
  await lightbox().getByText('5 of 6').waitFor()
  assert.equal(await shown.count(), 1)
  const saving = ben.page.waitForEvent('download')
  await lightbox().getByRole('link', { name: 'Download set of 6 5.png' }).click()
  assert.equal((await saving).suggestedFilename(), 'set of 6 5.png')
  await ben.page.keyboard.press('Escape')
  await lightbox().waitFor({ state: 'detached' })
  await ben.page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Show set of 6 2.png large')
})

test('a picture is enlarged by buttons, keys, the wheel and two clicks', async () => {
  await tiles('set of 1').click()
  const image = lightbox().locator('.stage img')
  const width = async () => (await image.boundingBox()).width
  const whole = await width()
  const grown = (least) => ben.page.waitForFunction((least) => document.querySelector('.stage img').getBoundingClientRect().width >= least, least)
  const back = () => ben.page.waitForFunction((most) => document.querySelector('.stage img').getBoundingClientRect().width <= most, whole + 1)
  await lightbox().getByRole('button', { name: 'Zoom in' }).click()
  await grown(whole * 1.4)
  await lightbox().getByRole('button', { name: 'Zoom out' }).click()
  await back()
  await ben.page.keyboard.press('+')
  await grown(whole * 1.4)
  await ben.page.keyboard.press('-')
  await back()
  const box = await image.boundingBox()
  await ben.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await ben.page.mouse.wheel(0, -400)
  await grown(whole * 2)
  await ben.page.keyboard.press('0')
  await back()
  await ben.page.mouse.dblclick(box.x + box.width / 4, box.y + box.height / 4)
  await grown(whole * 2)
  await ben.page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2)
  await back()
  await ben.page.keyboard.press('Escape')
})

test('sound has a player, and other files are cards with their size', async () => {
  const files = [await ana.upload('hum.wav', silence(), 'audio/wav'), await ana.upload('table.csv', 'a,b\n1,2\n', 'text/csv')]
  await ana.send(lobby, files, 'to hear and to read')
  const message = ben.message('to hear and to read')
  await message.getByRole('button', { name: 'Play hum.wav' }).click()
  await ben.page.waitForFunction(() => document.querySelector('audio').duration === 1)
  await message.getByRole('link', { name: 'Download table.csv, CSV, 8 byte' }).waitFor()
  await assertAccessibleInBoth(ben.page, 'messages with files')
})

test('on a phone everything fits, and pictures are turned over by a finger', async () => {
  const phone = await Person.at(browser, server, { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true, reducedMotion: 'reduce' })
  await phone.signIn('ben')
  await phone.openConversation('lobby')
  await phone.message('to hear and to read').waitFor()
  const { page } = phone
  const narrow = async (screen) => {
    const wide = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.visually-hidden')).map((element) => element.outerHTML.slice(0, 120)))
    assert.deepEqual(wide, [], screen)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), screen)
  }
  await narrow('the messages')
  await page.locator('input[type="file"]').setInputFiles([{ name: `${'long '.repeat(30)}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') }])
  await page.locator('[data-state="done"]').waitFor()
  await narrow('the composer with a file')
  const text = await page.locator('textarea').boundingBox()
  assert.ok(text.width > 200, `there is room to write: ${text.width}`)
  await phone.message('set of 6').locator('.tile').first().tap()
  await page.getByText('1 of 6').waitFor()
  await narrow('the large picture')
  const touch = await phone.context.newCDPSession(page)
  const point = (type, x) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y: 320 }] })
  await point('touchStart', 250)
  for (const x of [220, 180, 120, 80]) await point('touchMove', x)
  await point('touchEnd')
  await page.getByText('2 of 6').waitFor()
  assert.deepEqual(phone.faults, [])
  await phone.context.close()
})

test('a deleted message takes its files along', async () => {
  const { message_id: id } = await pictures(1, 'soon gone')
  await tiles('soon gone').waitFor()
  await ana.call('DELETE', `/messages/${id}`)
  await tiles('soon gone').waitFor({ state: 'detached' })
})
