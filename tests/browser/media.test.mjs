// Films and voices, in a real browser with a microphone that beeps.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'
import { film } from './support/videos.mjs'

let browser
let server
let ana
let ben
let benMember
let lobby

before(async () => {
  server = await Server.start({ PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  browser = await launch('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required')
  ana = await Member.setUp(server, 'ana', 'Ana Pop')
  benMember = await Member.register(server, 'ben', 'Ben Ionescu')
  lobby = await ana.lobby()
  ben = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await ben.signIn('ben')
  await ben.openConversation('lobby')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ben.faults, [], 'the page complained'))

const placesOf = (page, selector) => page.locator(selector).evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().toJSON()))
const lastFile = async () => (await ana.call('GET', `/conversations/${lobby}/messages?limit=1`)).items.at(-1).message.files[0]
const button = (name, where = ben.page) => where.getByRole('button', { name, exact: true })
const attached = () => ben.page.locator('[data-state="done"]')
const voices = (page = ben.page) => page.getByRole('region', { name: 'Messages' }).getByRole('group', { name: 'Voice message' })

async function sendFilm(text, file) {
  await ben.page.locator('input[type="file"]').setInputFiles([file])
  await attached().waitFor()
  await ben.say(text)
  await ben.tick(text, 'Sent').waitFor()
}

/** What the watch shows once something was said. It does not stand still for those who look late. */
const SPOKEN = /0:(0[1-9]|[1-5]\d)/

/** Records until the watch shows this. */
async function record(until = SPOKEN) {
  await button('Record a voice message').click()
  await ben.page.getByRole('timer').getByText(until).waitFor()
  await button('Stop recording').click()
  await button('Discard the recording').waitFor()
}

/** Waits until there is one voice more than so many, and the server has it. */
async function isSent(before) {
  await ben.page.locator('[data-client-id]').filter({ has: ben.page.locator('.sound') }).nth(before).getByRole('img', { name: 'Sent', exact: true }).waitFor()
}

async function sendVoice() {
  const before = await voices().count()
  await record()
  await button('Send').click()
  await isSent(before)
}

test('of a film its poster, its size and its length are there before it comes', async () => {
  const buffer = await film(ben.page)
  await sendFilm('a film', { name: 'film.webm', mimeType: 'video/webm', buffer })
  const told = await lastFile()
  assert.deepEqual([told.kind, told.width, told.height, told.has_thumbnail], ['video', 320, 180, true])
  assert.ok(told.duration_ms > 1_000 && told.duration_ms < 5_000, `${told.duration_ms} ms`)
  assert.ok(told.placeholder)
  const asked = []
  const reader = await Person.at(browser, server, { reducedMotion: 'reduce' })
  reader.page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  const held = []
  let free = false
  await reader.page.route('**/thumbnail?*', (route) => (free ? route.continue() : held.push(route)))
  await reader.signIn('ben')
  await reader.openConversation('lobby')
  await reader.page.locator('.video canvas').waitFor()
  const before = await placesOf(reader.page, '[data-client-id], .video')
  free = true
  for (const route of held) await route.continue()
  await reader.page.waitForFunction(() => document.querySelector('.video img')?.naturalWidth > 0)
  assert.deepEqual(await placesOf(reader.page, '[data-client-id], .video'), before, 'nothing moves when the poster comes')
  assert.ok(!asked.includes(`/api/v1/files/${told.id}`), 'the film comes only when somebody plays it')
  const colour = await reader.page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
    const context = canvas.getContext('2d')
    context.drawImage(document.querySelector('.video img'), 0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data]
  })
  assert.ok(colour[1] > 100, `the poster is not the black of the beginning: ${colour}`)
  await reader.message('a film').getByRole('button', { name: /^Play .*film\.webm.*, 0:0[1-4]$/ }).focus()
  await reader.page.keyboard.press('Enter')
  await reader.page.waitForFunction(() => document.querySelector('video')?.currentTime > 0)
  assert.deepEqual(await placesOf(reader.page, '[data-client-id], .video'), before, 'nor when the film does')
  assert.equal(await reader.page.evaluate(() => document.activeElement?.tagName), 'VIDEO', 'the keys are those of the player')
  assert.deepEqual(reader.faults, [])
  await reader.context.close()
  await assertAccessibleInBoth(ben.page, 'a message with a film')
})

test('a film that the browser cannot play is sent all the same', async () => {
  const buffer = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free\0\0\0\x08mdat', 'latin1')
  await sendFilm('not for this browser', { name: 'other.mp4', mimeType: 'video/mp4', buffer })
  const told = await lastFile()
  assert.deepEqual([told.kind, told.has_thumbnail, told.duration_ms, told.width], ['video', false, undefined, undefined])
  await ben.message('not for this browser').getByRole('button', { name: /Play/ }).click()
  await ben.message('not for this browser').getByRole('link', { name: /Download/ }).first().waitFor()
})

test('a voice is recorded, listened to, and sent', async () => {
  await button('Record a voice message').focus()
  await ben.page.keyboard.press('Enter')
  await ben.page.getByRole('timer').getByText(SPOKEN).waitFor()
  await assertAccessibleInBoth(ben.page, 'a voice that is being recorded')
  await ben.page.keyboard.press('Enter')
  const before = ben.page.locator('form').getByRole('group', { name: 'Voice message' }).last()
  await button('Play Voice message', before).click()
  await ben.page.waitForFunction(() => document.querySelector('form audio')?.currentTime > 0)
  await assertAccessibleInBoth(ben.page, 'a voice that was recorded')
  await button('Send').click()
  await isSent(0)
  const told = await lastFile()
  assert.match(told.name, /^voice-\d{4}-\d\d-\d\d-\d{4}\.webm$/)
  assert.deepEqual([told.kind, told.media_type], ['audio', 'audio/webm'])
  assert.ok(told.duration_ms >= 900 && told.duration_ms < 20_000, `${told.duration_ms} ms`)
  const waveform = Buffer.from(told.waveform, 'base64')
  assert.equal(waveform.length, 64)
  assert.equal(Math.max(...waveform), 255, 'the microphone beeps')
  assert.ok(Math.min(...waveform) < 128, 'and is quiet in between')
  await ben.page.getByRole('textbox', { name: 'Message' }).waitFor()
})

test('a voice is heard from any place, and faster', async () => {
  const voice = voices().first()
  const audio = voice.locator('audio')
  const slider = voice.getByRole('slider')
  // It is short, and must not end before everything was tried.
  await audio.evaluate((el) => (el.loop = true))
  await button('Play Voice message', voice).click()
  await button('Pause Voice message', voice).waitFor()
  await ben.page.waitForFunction(() => document.querySelectorAll('[data-client-id] .heard').length > 0)
  await button('Speed: 1', voice).click()
  await button('Speed: 1.5', voice).waitFor()
  assert.equal(await audio.evaluate((el) => el.playbackRate), 1.5)
  await button('Speed: 1.5', voice).click()
  await button('Speed: 2', voice).click()
  await button('Speed: 1', voice).waitFor()
  await button('Pause Voice message', voice).click()
  await button('Play Voice message', voice).waitFor()
  await audio.evaluate((el) => (el.loop = false))
  const whole = (await lastFile()).duration_ms / 1_000
  const box = await slider.boundingBox()
  await ben.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  const middle = await slider.evaluate((el) => Number(el.value))
  assert.ok(Math.abs(middle - whole / 2) < whole / 10, `${middle} of ${whole}`)
  await ben.page.waitForFunction((middle) => Math.abs(document.querySelector('[data-client-id] audio').currentTime - middle) < 0.2, middle)
  await ben.page.keyboard.press('Home')
  await ben.page.waitForFunction(() => document.querySelector('[data-client-id] audio').currentTime === 0)
  assert.match(await slider.getAttribute('aria-valuetext'), /^0:00 of 0:\d\d$/)
  assert.equal(await slider.evaluate((el) => el === document.activeElement), true)
  await ben.page.keyboard.press('ArrowRight')
  await ben.page.waitForFunction(() => document.querySelector('[data-client-id] audio').currentTime > 0)
  await assertAccessibleInBoth(ben.page, 'a voice in a message')
})

test('one plays at a time', async () => {
  await sendVoice()
  const [first, second] = [voices().nth(0), voices().nth(1)]
  for (const voice of [first, second]) await voice.locator('audio').evaluate((el) => (el.loop = true))
  await button('Play Voice message', first).click()
  await button('Pause Voice message', first).waitFor()
  await button('Play Voice message', second).click()
  await button('Pause Voice message', second).waitFor()
  await button('Play Voice message', first).waitFor()
  assert.equal(await first.locator('audio').evaluate((el) => el.paused), true)
  await button('Record a voice message').click()
  await button('Play Voice message', second).waitFor()
  await button('Discard the recording').click()
  await button('Record a voice message').waitFor()
})

test('a recording is discarded, and the microphone let go of', async () => {
  await ben.page.evaluate(() => {
    const devices = navigator.mediaDevices
    const ask = devices.getUserMedia.bind(devices)
    devices.getUserMedia = async (wanted) => (window.heardBy = await ask(wanted))
  })
  await button('Record a voice message').click()
  await ben.page.getByRole('timer').waitFor()
  await button('Discard the recording').click()
  await ben.page.getByRole('textbox', { name: 'Message' }).waitFor()
  assert.equal(await ben.page.evaluate(() => window.heardBy.getTracks().every((track) => track.readyState === 'ended')), true)
  assert.equal(await attached().count(), 0)
})

test('a microphone that is allowed too late is let go of at once', async () => {
  await ben.page.evaluate(() => {
    const devices = navigator.mediaDevices
    const ask = devices.getUserMedia
    devices.getUserMedia = (wanted) =>
      new Promise((allow) => {
        window.allow = async () => {
          devices.getUserMedia = ask
          allow((window.heardBy = await ask.call(devices, wanted)))
        }
      })
  })
  await button('Record a voice message').click()
  // Whoever writes needs no microphone.
  await ben.page.getByRole('textbox', { name: 'Message' }).fill('After all I write')
  await button('Record a voice message').waitFor({ state: 'detached' })
  await ben.page.evaluate(() => window.allow())
  await ben.page.waitForFunction(() => window.heardBy?.getTracks().every((track) => track.readyState === 'ended'))
  await ben.page.getByRole('textbox', { name: 'Message' }).fill('')
  assert.equal(await ben.page.getByRole('timer').count(), 0)
})

test('a voice that is thrown away while it is put together is not attached', async () => {
  await ben.page.evaluate(() => {
    const decode = OfflineAudioContext.prototype.decodeAudioData
    OfflineAudioContext.prototype.decodeAudioData = function (bytes) {
      OfflineAudioContext.prototype.decodeAudioData = decode
      return new Promise((go) => (window.decode = go)).then(() => decode.call(this, bytes))
    }
  })
  await button('Record a voice message').click()
  await ben.page.getByRole('timer').getByText(SPOKEN).waitFor()
  await button('Stop recording').click()
  await ben.page.waitForFunction(() => window.decode)
  await button('Discard the recording').click()
  await ben.page.evaluate(() => window.decode())
  // What is recorded after it is the only one that is attached.
  const before = await voices().count()
  let uploads = 0
  const count = (request) => void (uploads += request.method() === 'POST' && request.url().includes('/api/v1/files?') ? 1 : 0)
  ben.page.on('request', count)
  await sendVoice()
  ben.page.off('request', count)
  assert.deepEqual([uploads, await voices().count(), await attached().count()], [1, before + 1, 0])
})

test('whoever goes elsewhere while they speak finds what they said as an attachment', async () => {
  const carla = await Member.register(server, 'carla', 'Carla Dinu')
  await carla.group('Garden', [benMember])
  await button('Record a voice message').click()
  await ben.page.getByRole('timer').getByText(SPOKEN).waitFor()
  await ben.openConversation('Garden')
  assert.equal(await attached().count(), 0)
  await ben.openConversation('lobby')
  await attached().getByText(/^voice-.*\.webm$/).waitFor()
  await button('Send').click()
  await isSent(3)
})

test('without a microphone one is told what to do', async () => {
  for (const [name, words] of [['NotAllowedError', /The microphone is blocked/], ['NotFoundError', /There is no microphone/], ['NotReadableError', /The microphone cannot be used/]]) {
    await ben.page.evaluate((name) => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name))), name)
    await button('Record a voice message').click()
    await ben.page.getByText(words).waitFor()
  }
})
