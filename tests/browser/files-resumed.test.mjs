// Large files go on where they stopped, after a lost network and after a reload, in a real browser.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

const MIB = 1_024 * 1_024
/** The first pieces are kept by then, and others are not. */
const SOME = 9 * MIB

let browser
let server
let ana
let folder
let network
/** What was asked for of uploads: method and offset. */
let asked = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlor-large-'))
  server = await Server.start({ PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  browser = await launch()
  ana = await Person.at(browser, server)
  await ana.setUp('ana', 'Ana Pop')
  await ana.openConversation('lobby')
  ana.page.on('request', (request) => {
    if (!request.url().includes('/api/v1/uploads')) return
    asked.push({ method: request.method(), offset: Number(request.headers()['upload-offset'] ?? -1) })
  })
  network = await ana.context.newCDPSession(ana.page)
  await network.send('Network.enable')
})

after(async () => {
  await browser?.close()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

afterEach(() => assert.deepEqual(ana.faults, [], 'the page complained'))

const attached = () => ana.page.getByRole('list', { name: 'Files to send' }).getByRole('listitem')
const conditions = (offline, uploadThroughput) => network.send('Network.emulateNetworkConditions', { offline, latency: 0, downloadThroughput: -1, uploadThroughput })
const slow = () => conditions(false, 3 * MIB)
const lost = () => conditions(true, -1)
const fast = () => conditions(false, -1)
const progress = () => ana.page.waitForFunction((some) => (document.querySelector('progress')?.value ?? 0) > some, SOME)

/** Attaches a file with bytes that no other one has; their sum. */
async function attach(name, bytes) {
  const content = randomBytes(bytes / 2).toString('hex')
  const path = join(folder, name)
  await writeFile(path, content)
  const choosing = ana.page.waitForEvent('filechooser')
  await ana.page.getByRole('button', { name: 'Attach files' }).click()
  await (await choosing).setFiles(path)
  return createHash('sha256').update(content).digest('hex')
}

/** Sends what is attached once it is uploaded; the sum of the bytes that come back. */
async function sumOf(name, text) {
  await ana.page.locator('[data-state="done"]').waitFor()
  await ana.say(text)
  const link = ana.message(text).getByRole('link', { name: new RegExp(`^Download ${name}`) })
  await link.waitFor()
  return await link.evaluate(async (element) => {
    const bytes = await (await fetch(element.href)).arrayBuffer()
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    return [...sum].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  })
}

/** That it was announced once, and went on from where it stopped after so many requests. */
function wentOn(before) {
  assert.equal(asked.filter(({ method }) => method === 'POST').length, 1, 'it began anew')
  const next = asked.slice(before).find(({ method }) => method === 'PATCH')
  assert.ok(next.offset >= 8 * MIB, `it went on at ${next.offset}`)
}

test('a large file goes on where the network was lost', async () => {
  asked = []
  await slow()
  const sum = await attach('lost.txt', 30 * MIB)
  await progress()
  await lost()
  await attached().getByText('Waits for the connection…').waitFor()
  assert.ok((await ana.page.locator('progress').evaluate((bar) => bar.value)) > 0, 'it shows what came')
  const before = asked.length
  await fast()
  assert.equal(await sumOf('lost.txt', 'Lost and found'), sum)
  wentOn(before)
})

test('a large file goes on after a reload', async () => {
  asked = []
  await slow()
  const sum = await attach('again.txt', 30 * MIB)
  await progress()
  // Where it goes on is written behind what one sees.
  await ana.page.waitForFunction(async () => {
    const opening = indexedDB.open('parlor-uploads')
    const kept = await new Promise((done) => (opening.onsuccess = () => done(opening.result)))
    const asking = kept.transaction('files').objectStore('files').getAll()
    const files = await new Promise((done) => (asking.onsuccess = () => done(asking.result)))
    kept.close()
    return files.length === 1 && !!files[0].address
  })
  await ana.page.reload()
  const before = asked.length
  await attached().getByText('again.txt').waitFor()
  await fast()
  assert.equal(await sumOf('again.txt', 'Here again'), sum)
  wentOn(before)
  await ana.page.reload()
  await ana.message('Here again').waitFor()
  assert.equal(await attached().count(), 0)
})

test('a small file that was not uploaded is attached again after a reload', async () => {
  await ana.page.route('**/api/v1/files?*', () => {})
  const sum = await attach('small.txt', 1_000)
  await ana.page.locator('[data-state="sending"]').waitFor()
  // What is kept is written behind what one sees.
  await ana.page.waitForFunction(async () => {
    const opened = indexedDB.open('parlor-uploads')
    const db = await new Promise((resolve) => (opened.onsuccess = () => resolve(opened.result)))
    const count = db.transaction('files').objectStore('files').count()
    const n = await new Promise((resolve) => (count.onsuccess = () => resolve(count.result)))
    db.close()
    return n === 1
  })
  await ana.page.unroute('**/api/v1/files?*')
  await ana.page.reload()
  assert.equal(await sumOf('small.txt', 'Small and kept'), sum)
})

test('a large file that is cancelled is gone here and at the server', async () => {
  await slow()
  await attach('unwanted.txt', 30 * MIB)
  await progress()
  const deleted = ana.page.waitForResponse((response) => response.request().method() === 'DELETE')
  await attached().getByRole('button', { name: 'Cancel the upload of unwanted.txt' }).click()
  assert.equal((await deleted).status(), 204)
  await attached().waitFor({ state: 'detached' })
  await fast()
  await ana.page.reload()
  await ana.message('Small and kept').waitFor()
  assert.equal(await attached().count(), 0)
})

test('what was not uploaded goes with signing out', async () => {
  await slow()
  await attach('private.txt', 30 * MIB)
  await progress()
  await ana.page.getByRole('button', { name: /Account and settings/ }).click()
  await ana.page.getByRole('menuitem', { name: 'Sign out' }).click()
  await ana.page.getByRole('dialog').or(ana.page.getByRole('alertdialog')).getByRole('button', { name: 'Sign out' }).click()
  await ana.page.waitForURL(/\/sign-in/)
  await fast()
  await ana.signIn('ana')
  await ana.openConversation('lobby')
  await ana.message('Small and kept').waitFor()
  assert.equal(await attached().count(), 0)
})
