// What is attached to a message and not sent yet, in a real browser.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { picture } from './support/pictures.mjs'
import { Server } from './support/server.mjs'
import { film } from './support/videos.mjs'

const DEVICES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }

let browser
let server
let ana
let member
let lobby

before(async () => {
  server = await Server.start({ PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  browser = await launch('--autoplay-policy=no-user-gesture-required')
  member = await Member.setUp(server, 'ana', 'Ana Pop')
  lobby = await member.lobby()
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await ana.signIn('ana')
  await ana.openConversation('lobby')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ana.faults, [], 'the page complained'))

const file = (name, content = `the content of ${name}`, mimeType = 'text/plain') => ({ name, mimeType, buffer: Buffer.from(content) })
const attached = (page = ana.page) => page.getByRole('list', { name: 'Files to send' }).getByRole('listitem')
const attach = (...files) => ana.page.locator('input[type="file"]').setInputFiles(files)
const remove = (name) => attached().getByRole('button', { name: `Remove ${name}` }).click()
const uses = async () => new Map((await member.call('GET', '/users/me/files')).items.map((own) => [own.file.name, own.uses.length]))
const removal = () => ana.page.waitForResponse((response) => response.request().method() === 'DELETE' && response.url().includes('/api/v1/files/'))

/** Waits until so many files are uploaded, and nothing else is attached. */
async function uploaded(n) {
  await ana.page.locator('[data-state="done"]').nth(n - 1).waitFor()
  assert.equal(await attached().count(), n)
}

/** Holds up uploads until what it answers is called. */
async function holdUploads() {
  const held = []
  await ana.page.route('**/api/v1/files?*', (route) => void held.push(route))
  return async () => {
    for (const route of held) await route.continue()
    await ana.page.unroute('**/api/v1/files?*')
  }
}

test('what was uploaded and is taken out again takes no more room', async () => {
  await attach(file('wanted.txt'), file('unwanted.txt'))
  await uploaded(2)
  assert.deepEqual([...(await uses()).keys()].sort(), ['unwanted.txt', 'wanted.txt'])
  const removed = removal()
  await remove('unwanted.txt')
  assert.equal((await removed).status(), 204)
  assert.deepEqual([...(await uses()).keys()], ['wanted.txt'])
  await ana.say('The one that is wanted')
  await ana.tick('The one that is wanted', 'Sent').waitFor()
  assert.equal((await uses()).get('wanted.txt'), 1)
})

test('what another page sent meanwhile stays in its message', async () => {
  await attach(file('shared.txt'))
  await uploaded(1)
  const other = await ana.open(`/c/${lobby}`)
  await other.locator('[data-state="done"]').waitFor()
  await other.getByRole('textbox', { name: 'Message', exact: true }).fill('Sent from there')
  await other.keyboard.press('Enter')
  await ana.tick('Sent from there', 'Sent').waitFor()
  const refused = removal()
  await remove('shared.txt')
  assert.equal((await refused).status(), 409)
  assert.equal((await uses()).get('shared.txt'), 1)
  await ana.message('Sent from there').getByRole('link', { name: /^Download shared\.txt, TXT, / }).waitFor()
  await other.close()
})

test('a picture is looked at large before it is sent, and before the server has it', async () => {
  const go = await holdUploads()
  await attach({ name: 'garden.png', mimeType: 'image/png', buffer: await picture(ana.page, 900, 600) })
  const face = attached().getByRole('button', { name: 'Show garden.png large' })
  await face.focus()
  await ana.page.keyboard.press('Enter')
  const dialog = ana.page.getByRole('dialog', { name: 'garden.png' })
  const large = dialog.getByRole('img', { name: 'garden.png' })
  await large.waitFor()
  assert.equal(await large.evaluate((image) => image.decode().then(() => image.naturalWidth)), 900)
  assert.equal(await dialog.getByRole('link').count(), 0, 'it need not be saved')
  await assertAccessibleInBoth(ana.page, 'a picture that is attached, large')
  await ana.page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await ana.page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Show garden.png large')
  await go()
  await uploaded(1)
  await ana.page.reload()
  await uploaded(1)
  await face.click()
  await dialog.waitFor()
  assert.equal(await large.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), true)
  await ana.page.keyboard.press('Escape')
  await remove('garden.png')
})

test('a film that is attached shows its picture, and is played before it is sent', async () => {
  const buffer = await film(ana.page)
  const go = await holdUploads()
  await attach({ name: 'film.webm', mimeType: 'video/webm', buffer })
  const face = attached().getByRole('button', { name: 'Show film.webm large' })
  await face.waitFor()
  const colour = await face.locator('img').evaluate(async (image) => {
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
    const context = canvas.getContext('2d')
    context.drawImage(image, 0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data]
  })
  assert.ok(colour[1] > 100, `the picture is not the black of the beginning: ${colour}`)
  await face.click()
  const dialog = ana.page.getByRole('dialog', { name: 'film.webm' })
  await dialog.waitFor()
  await ana.page.waitForFunction(() => document.querySelector('[role="dialog"] video')?.currentTime > 0)
  await assertAccessibleInBoth(ana.page, 'a film that is attached, large')
  await ana.page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await go()
  await uploaded(1)
  await remove('film.webm')
})

test('whoever wants to send files later is told that this cannot be', async () => {
  await attach(file('soon.txt'))
  await uploaded(1)
  await ana.page.getByRole('button', { name: 'Send', exact: true }).click({ button: 'right' })
  await ana.page.getByText('Messages with files cannot be scheduled.').waitFor()
  assert.equal(await ana.page.getByRole('menuitem').count(), 0)
  await remove('soon.txt')
})

test('a very long name is shortened wherever it is', async () => {
  const name = `${'What was said in the long meeting '.repeat(120)}(final).txt`
  assert.ok(name.length > 4_000)
  await attach(file(name))
  await uploaded(1)
  const fits = async (what) => assert.equal(await ana.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, what)
  const whole = async (where, what) => {
    const box = await where.boundingBox()
    assert.ok(box.height < 100 && box.x + box.width <= ana.page.viewportSize().width, `${what}: ${JSON.stringify(box)}`)
  }
  for (const [device, viewport] of Object.entries(DEVICES)) {
    await ana.page.setViewportSize(viewport)
    await fits(`attached, on a ${device}`)
    await whole(attached().first(), `attached, on a ${device}`)
  }
  await ana.say('In full')
  await ana.tick('In full', 'Sent').waitFor()
  const card = ana.message('In full').getByRole('link', { name: /^Download What was said.*….*\(final\)\.txt, TXT, / })
  await card.waitFor()
  for (const [device, viewport] of Object.entries(DEVICES)) {
    await ana.page.setViewportSize(viewport)
    await fits(`in a message, on a ${device}`)
    await whole(card, `in a message, on a ${device}`)
  }
  for (const path of [`/c/${lobby}/files`, '/c/uploads']) {
    await ana.page.setViewportSize(DEVICES.desk)
    await ana.page.goto(path)
    await ana.page.getByText('nal).txt').first().waitFor()
    for (const [device, viewport] of Object.entries(DEVICES)) {
      await ana.page.setViewportSize(viewport)
      await fits(`${path} on a ${device}`)
    }
  }
})
