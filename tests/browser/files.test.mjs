// Files are attached, uploaded and sent, in a real browser.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessibleInBoth } from './support/axe.mjs'
import { Person, launch } from './support/person.mjs'
import { picture } from './support/pictures.mjs'
import { Server } from './support/server.mjs'

const MOST_BYTES = 2_000_000

let browser
let server
let ana
let ben

before(async () => {
  server = await Server.start({ PARLOR_FILES_MAX_BYTES: String(MOST_BYTES), PARLOR_LIMITS_UPLOAD_BURST: '1000' })
  browser = await launch()
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  ben = await Person.at(browser, server, { reducedMotion: 'reduce' })
  await ana.setUp('ana', 'Ana Pop')
  await ben.signUp('ben', 'Ben Ionescu')
  for (const person of [ana, ben]) await person.openConversation('lobby')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => {
  for (const person of [ana, ben]) assert.deepEqual(person.faults, [], 'the page complained')
})

const file = (name, content = `the content of ${name}`, mimeType = 'text/plain') => ({ name, mimeType, buffer: Buffer.from(content) })
const attached = ({ page }) => page.getByRole('list', { name: 'Files to send' }).getByRole('listitem')
const composer = ({ page }) => page.getByRole('textbox', { name: 'Message', exact: true })
const sendButton = ({ page }) => page.locator('button.send')
/** Waits until so many files are uploaded, and nothing else is attached. */
async function uploaded(person, n) {
  await person.page.locator('[data-state="done"]').nth(n - 1).waitFor()
  assert.equal(await attached(person).count(), n)
}

async function attach(person, files) {
  const choosing = person.page.waitForEvent('filechooser')
  await person.page.getByRole('button', { name: 'Attach files' }).click()
  const chooser = await choosing
  assert.ok(chooser.isMultiple())
  await chooser.setFiles(files)
}

async function removeAll(person) {
  while ((await attached(person).count()) > 0) await attached(person).first().getByRole('button', { name: /^(Remove|Cancel)/ }).click()
}

/** Brings files as a paste or a drag does. */
function bring(person, selector, events, files) {
  return person.page.locator(selector).evaluate(
    (element, [events, files]) => {
      const data = new DataTransfer()
      for (const { name, text } of files) data.items.add(new File([text], name, { type: 'text/plain' }))
      for (const type of events) {
        const options = { bubbles: true, cancelable: true }
        element.dispatchEvent(type === 'paste' ? new ClipboardEvent(type, { ...options, clipboardData: data }) : new DragEvent(type, { ...options, dataTransfer: data }))
      }
    },
    [events, files],
  )
}

test('a chosen picture is uploaded and sent without a text, and the other one sees it at once', async () => {
  const buffer = await picture(ana.page, 900, 600)
  await attach(ana, { name: 'garden.png', mimeType: 'image/png', buffer })
  await uploaded(ana, 1)
  await attached(ana).locator('img').waitFor()
  await sendButton(ana).click()
  for (const person of [ana, ben]) await person.page.getByRole('button', { name: 'Show garden.png large' }).waitFor()
  assert.equal(await attached(ana).count(), 0)
  await ben.page.reload()
  const shown = ben.page.getByRole('button', { name: 'Show garden.png large' }).locator('img')
  await shown.waitFor()
  assert.ok(await shown.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)))
  await ana.conversation('lobby').getByText('garden.png').waitFor()
})

test('files are pasted, dropped and chosen with the keyboard, and sent with a text', async () => {
  await bring(ana, 'textarea', ['paste'], [{ name: 'pasted.txt', text: 'pasted' }])
  await uploaded(ana, 1)
  await bring(ana, '.column', ['dragenter', 'dragover'], [{ name: 'dropped.txt', text: 'dropped' }])
  await ana.page.getByText('Drop files here to send them').waitFor()
  await assertAccessibleInBoth(ana.page, 'dragging files over a conversation')
  await bring(ana, '.column', ['drop'], [{ name: 'dropped.txt', text: 'dropped' }])
  await ana.page.getByText('Drop files here to send them').waitFor({ state: 'detached' })
  await uploaded(ana, 2)
  const choosing = ana.page.waitForEvent('filechooser')
  await ana.page.getByRole('button', { name: 'Attach files' }).focus()
  await ana.page.keyboard.press('Enter')
  await (await choosing).setFiles([file('a.txt'), file('b.txt')])
  await uploaded(ana, 4)
  await assertAccessibleInBoth(ana.page, 'a message with files')
  await ana.say('Four of them')
  const message = ben.message('Four of them')
  for (const name of ['pasted.txt', 'dropped.txt', 'a.txt', 'b.txt']) {
    const link = message.getByRole('link', { name: new RegExp(`^Download ${name}`) })
    await link.waitFor()
    const saving = ben.page.waitForEvent('download')
    await link.click()
    assert.equal((await saving).suggestedFilename(), name)
  }
})

test('a text that is copied along with a picture of it is pasted as text', async () => {
  const taken = await composer(ana).evaluate((element) => {
    const data = new DataTransfer()
    data.items.add(new File(['x'], 'cells.png', { type: 'image/png' }))
    data.setData('text/plain', 'cells')
    return !element.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }))
  })
  assert.equal(taken, false)
  assert.equal(await attached(ana).count(), 0)
})

test('an upload shows how far it is, holds up sending, and is cancelled', async () => {
  const network = await ana.context.newCDPSession(ana.page)
  await network.send('Network.enable')
  const slow = (uploadThroughput) => network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput })
  await slow(50_000)
  await attach(ana, [file('slow.txt', 'x'.repeat(1_000_000)), file('second.txt', 'y'.repeat(1_000_000))])
  const bar = ana.page.getByRole('progressbar', { name: 'Upload of slow.txt' })
  await bar.waitFor()
  await ana.page.waitForFunction(() => (document.querySelector('progress')?.value ?? 0) > 0)
  await composer(ana).fill('not yet')
  await composer(ana).press('Enter')
  await ana.page.getByText('Files are still being uploaded').last().waitFor()
  assert.equal(await sendButton(ana).getAttribute('aria-label'), 'Files are still being uploaded')
  assert.equal(await composer(ana).inputValue(), 'not yet')
  await attached(ana).getByRole('button', { name: 'Cancel the upload of slow.txt' }).click()
  await bar.waitFor({ state: 'detached' })
  await slow(-1)
  await uploaded(ana, 1)
  await composer(ana).press('Enter')
  await ben.message('not yet').getByRole('link', { name: /second\.txt/ }).waitFor()
  assert.equal(await ben.message('not yet').getByRole('link', { name: /slow\.txt/ }).count(), 0)
  await network.detach()
})

test('what is too large, empty, of a wrong type or too much is refused in words', async () => {
  await attach(ana, [file('large.txt', 'x'.repeat(MOST_BYTES + 1)), file('empty.txt', ''), file('program.exe')])
  await ana.page.getByText('This file is too large. A file may have 2 MB.').waitFor()
  await ana.page.getByText('This file is empty. Choose another one.').waitFor()
  await ana.page.getByText('Files of this kind cannot be sent here. Choose another one.').waitFor()
  assert.equal(await attached(ana).getByRole('button', { name: /^Upload/ }).count(), 0, 'trying again would not help')
  assert.equal(await sendButton(ana).getAttribute('aria-disabled'), 'true')
  await assertAccessibleInBoth(ana.page, 'files that failed')
  await removeAll(ana)
  await attach(ana, Array.from({ length: 12 }, (_, n) => file(`${n}.txt`)))
  await ana.page.getByText('A message can have 10 files.').waitFor()
  await uploaded(ana, 10)
  await removeAll(ana)
})

test('what the server has no room for can be tried again', async () => {
  let full = true
  await ana.page.route('**/api/v1/files?*', (route) => {
    const problem = { type: 'about:blank', title: '', status: 507, code: 'no_room', detail: '', request_id: '' }
    return full ? route.fulfill({ status: 507, contentType: 'application/problem+json', body: JSON.stringify(problem) }) : route.continue()
  })
  await attach(ana, file('later.txt'))
  await ana.page.getByText('The server has no room for files.').waitFor()
  full = false
  await attached(ana).getByRole('button', { name: 'Upload later.txt again' }).click()
  await uploaded(ana, 1)
  await ana.page.unroute('**/api/v1/files?*')
  await removeAll(ana)
})

test('without a network files wait, and go on when it is back', async () => {
  await ana.context.setOffline(true)
  await attach(ana, [file('one.txt'), file('two.txt')])
  await attached(ana).first().getByText(/^Waits for/).waitFor()
  await ana.context.setOffline(false)
  await uploaded(ana, 2)
  await ana.say('Back again')
  await ben.message('Back again').getByRole('link', { name: /two\.txt/ }).waitFor()
})

test('a message with files that was sent without a network arrives once, with its files', async () => {
  await attach(ana, file('patient.txt'))
  await uploaded(ana, 1)
  await ana.context.setOffline(true)
  await ana.say('Sent into the void')
  await ana.message('Sent into the void').getByRole('link', { name: /patient\.txt/ }).waitFor()
  await ana.context.setOffline(false)
  await ben.message('Sent into the void').getByRole('link', { name: /patient\.txt/ }).waitFor()
  await ana.tick('Sent into the void', 'Sent').waitFor()
  assert.equal(await ben.message('Sent into the void').count(), 1)
})

test('what is attached stays while another conversation is open, and over a reload', async () => {
  const buffer = await picture(ana.page, 300, 300)
  await attach(ana, [{ name: 'kept.png', mimeType: 'image/png', buffer }, file('kept.txt')])
  await uploaded(ana, 2)
  await ana.writeTo('Ben Ionescu')
  await attached(ana).first().waitFor({ state: 'detached' })
  await ana.openConversation('lobby')
  await uploaded(ana, 2)
  await ana.page.reload()
  await uploaded(ana, 2)
  await attached(ana).locator('img').waitFor()
  await ana.say('Kept')
  await ben.message('Kept').getByRole('button', { name: 'Show kept.png large' }).waitFor()
  await ana.page.reload()
  await ana.message('Kept').waitFor()
  assert.equal(await attached(ana).count(), 0)
})

test('a reply quotes what was sent without a text, and lists name it', async () => {
  await ana.page.goto('/c')
  await ana.openConversation('lobby')
  await attach(ana, file('minutes.txt'))
  await uploaded(ana, 1)
  await sendButton(ana).click()
  const message = ben.page.locator('[data-client-id]').filter({ has: ben.page.getByRole('link', { name: /minutes\.txt/ }) })
  await message.last().focus()
  await ben.page.keyboard.press('r')
  await ben.page.locator('.subject').getByText('minutes.txt').waitFor()
  await ben.say('Well written')
  await ana.page.getByRole('button', { name: 'Reply to Ana Pop: minutes.txt' }).waitFor()
  await message.first().hover()
  await message.first().getByRole('button', { name: 'More actions' }).click()
  await ben.page.getByRole('menuitem', { name: 'Copy link' }).waitFor()
  assert.equal(await ben.page.getByRole('menuitem', { name: 'Copy text' }).count(), 0)
  await ben.page.getByRole('menuitem', { name: 'Pin', exact: true }).click()
  await message.first().getByRole('img', { name: 'Pinned' }).waitFor()
  await ben.page.goto(`${new URL(ben.page.url()).pathname.split('/').slice(0, 3).join('/')}/pins`)
  await ben.page.getByRole('button', { name: 'Show the message of Ana Pop: minutes.txt' }).waitFor()
})
