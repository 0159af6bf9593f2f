// Nothing in a file that somebody sent runs in another one's browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { picture } from './support/pictures.mjs'
import { Server } from './support/server.mjs'

const SCRIPT = '<script>document.title = "taken"; alert(1); fetch("/api/v1/users/me")</script>'
const HTML = `<!doctype html><html><body>${SCRIPT}<img src=x onerror="alert(2)"></body></html>`
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" onload="alert(3)"><script>alert(4)</script><circle r="40"/></svg>`
const PDF = `%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(5)) >> >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >> endobj
trailer << /Root 1 0 R >>
%%EOF ${HTML}`

let browser
let server
let eve
let lobby

before(async () => {
  server = await Server.start({ PARLOR_FILES_TYPES: 'png,gif,jpg,txt,pdf,html,svg,webm', PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  browser = await launch()
  eve = await Member.setUp(server, 'eve', 'Eve')
  await Member.register(server, 'ana', 'Ana Pop')
  lobby = await eve.lobby()
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('t14 no file runs anything, in its place or at its address', async () => {
  const ana = await Person.at(browser, server)
  await ana.signIn('ana')
  const { page } = ana
  const png = await picture(page, 64, 64)
  const gif = Buffer.concat([Buffer.from('GIF89a/*\x01\x00*/=1;', 'latin1'), Buffer.from(HTML)])
  const evil = [
    ['behind.png', Buffer.concat([png, Buffer.from(HTML)]), 'image/png'],
    ['inside.png', Buffer.from(HTML), 'image/png'],
    ['page.html', Buffer.from(HTML), 'text/html'],
    ['page.txt', Buffer.from(HTML), 'text/html'],
    ['drawing.svg', Buffer.from(SVG), 'image/svg+xml'],
    ['drawing.png', Buffer.from(SVG), 'image/svg+xml'],
    ['both.gif', gif, 'image/gif'],
    ['paper.pdf', Buffer.from(PDF), 'application/pdf'],
    ['film.webm', Buffer.from(HTML), 'video/webm'],
  ]
  const files = []
  const refused = []
  for (const [name, bytes, type] of evil) {
    await eve.upload(name, bytes, type).then(
      (file) => files.push(file),
      (error) => refused.push(String(error)),
    )
  }
  // What says that it is a picture and cannot be read is refused; all else is received, and only saved.
  assert.deepEqual(refused.map((text) => /file_damaged/.test(text)), refused.map(() => true), `${refused}`)
  assert.equal(files.length + refused.length, evil.length)
  assert.ok(refused.length <= 1, `${refused}`)
  await eve.send(lobby, files, 'harmless')

  const dialogs = []
  const watched = (one) => one.on('dialog', (dialog) => (dialogs.push(dialog.message()), void dialog.dismiss()))
  watched(page)
  await ana.openConversation('lobby')
  await ana.message('harmless').getByRole('link', { name: /page\.html/ }).waitFor()
  assert.equal(await ana.message('harmless').locator('iframe, object, embed').count(), 0)
  for (const file of files) {
    const own = await ana.context.newPage()
    watched(own)
    const asked = []
    own.on('request', (request) => asked.push(new URL(request.url()).pathname))
    // What is only saved is no page, and the browser says so.
    await own.goto(`/api/v1/files/${file.id}`).catch((error) => assert.match(String(error), /Download is starting|ERR_ABORTED/, file.name))
    await own.goto(`/api/v1/files/${file.id}?download=true`).catch((error) => assert.match(String(error), /Download is starting|ERR_ABORTED/, file.name))
    assert.notEqual(await own.title(), 'taken', file.name)
    assert.ok(!asked.includes('/api/v1/users/me'), `${file.name} asked for something`)
    await own.close()
  }
  // Not as a part of the page either.
  for (const file of files) {
    const type = await page.evaluate(
      (id) =>
        new Promise((resolve) => {
          const script = document.createElement('script')
          try {
            script.src = `/api/v1/files/${id}`
          } catch {
            return resolve('refused')
          }
          script.onload = () => resolve('ran')
          script.onerror = () => resolve('refused')
          document.head.append(script)
        }),
      file.id,
    )
    assert.equal(type, 'refused', file.name)
  }
  assert.deepEqual(dialogs, [])
  assert.notEqual(await page.title(), 'taken')
  await ana.context.close()
})

const behind = (head) => Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(HTML)])

/** What is a page to one reader and something else to another. */
const POLYGLOTS = (png) => ({
  page: Buffer.from(HTML),
  drawing: Buffer.from(SVG),
  markup: Buffer.from(`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>${SCRIPT}</body></html>`),
  paper: Buffer.from(PDF),
  wide: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(HTML, 'utf16le')]),
  png: Buffer.concat([png, Buffer.from(HTML)]),
  gif: behind('GIF89a/*\x01\x00*/=1;'),
  jpeg: behind('\xff\xd8\xff\xe0\x00\x10JFIF\x00'),
  webp: behind('RIFF\xff\xff\xff\x00WEBPVP8 '),
  film: behind('\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2'),
  sound: behind('ID3\x03\x00\x00\x00\x00\x00\x21'),
  archive: behind('PK\x03\x04\x14\x00\x00\x00'),
})

test('t14 whatever a file of any type that is received has in it, opening it runs nothing', async () => {
  const plain = await Server.start({ PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  try {
    const ana = await Member.setUp(plain, 'ana', 'Ana Pop')
    const person = await Person.at(browser, plain)
    await person.signIn('ana')
    const polyglots = Object.entries(POLYGLOTS(await picture(person.page, 64, 64)))
    assert.equal(polyglots.length, 12)
    const { files: { types } } = await plain.api('GET', '/server')
    assert.ok(types.includes('png') && types.includes('docx') && types.length > 20)
    const [ran, asked, received] = [[], [], []]
    for (const type of types) {
      for (const [kind, bytes] of polyglots) {
        const name = `${kind}.${type}`
        // A picture that cannot be read is refused. Everything else is received, whatever it is.
        await ana.upload(name, bytes, 'application/octet-stream').then(
          (file) => received.push(file),
          (error) => assert.match(String(error), /file_damaged/, name),
        )
      }
    }
    assert.ok(received.length > 11 * types.length, `${received.length}`)
    const own = await person.context.newPage()
    own.on('dialog', (dialog) => (ran.push(dialog.message()), void dialog.dismiss()))
    own.on('request', (request) => asked.push(new URL(request.url()).pathname))
    for (const { id, name } of received) {
      await own.goto(`/api/v1/files/${id}`).catch((error) => assert.match(String(error), /Download is starting|ERR_ABORTED/, name))
      assert.notEqual(await own.title(), 'taken', name)
    }
    assert.deepEqual(ran, [])
    assert.deepEqual(asked.filter((path) => !path.startsWith('/api/v1/files/') && path !== '/favicon.ico'), [])
    await person.context.close()
  } finally {
    await plain.stop()
  }
})

test('t14 names that turn text around, or are as long as can be, do no harm', async () => {
  const ana = await Person.at(browser, server, { viewport: { width: 390, height: 844 } })
  await ana.signIn('ana')
  const png = await picture(ana.page, 64, 64)
  const names = ['invoice\u202Egnp.txt', `${'x'.repeat(4_092)}.txt`, `${'ș'.repeat(2_046)}.txt`, '<img src=x onerror=alert(1)>.txt', 'a\nb\u2067c.txt', '"; filename="evil.html".txt', '../../etc/passwd.txt']
  const files = []
  for (const name of names) files.push(await eve.upload(name, 'plain', 'text/plain'))
  files.push(await eve.upload('photo\u202Egpj.png', png, 'image/png'))
  await eve.send(lobby, files, 'strange names')
  await eve.send(lobby, [files[0]])
  await ana.page.goto(`/c/${lobby}`)
  const message = ana.message('strange names')
  await message.getByRole('link', { name: /^Download invoicegnp\.txt/ }).waitFor()
  await message.getByRole('button', { name: 'Show photogpj.png large' }).waitFor()
  const shown = await message.evaluate((element) => element.textContent)
  assert.ok(!/[\u202A-\u202E\u2066-\u2069]/u.test(shown), 'nothing turns around what stands beside it')
  assert.ok(shown.includes('<img src=x onerror=alert(1)>.txt'))
  assert.ok(await ana.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  const [box, column] = [await message.locator('.card').nth(1).boundingBox(), await message.boundingBox()]
  assert.ok(box.x + box.width <= column.x + column.width)
  const saving = ana.page.waitForEvent('download')
  await message.getByRole('link', { name: /passwd/ }).click()
  assert.ok(!/[/\\]/.test((await saving).suggestedFilename()))
  await ana.page.goto('/c')
  await ana.conversation('lobby').getByText('invoicegnp.txt').waitFor()
  assert.deepEqual(ana.faults, [])
  await ana.context.close()
})
