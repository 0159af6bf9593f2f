// Messages are sent at a time that their author chose.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let admin
let other
let ana
let ben

before(async () => {
  server = await Server.start()
  browser = await launch()
  admin = await Member.setUp(server, 'ana', 'Ana Pop')
  other = await Member.register(server, 'ben', 'Ben Ionescu')
  await admin.group('Kitchen', [other])
  ana = await Person.at(browser, server, { bypassCSP: true })
  ben = await Person.at(browser, server)
  await ana.signIn('ana')
  await ben.signIn('ben')
  for (const person of [ana, ben]) await person.openConversation('Kitchen')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => {
  for (const person of [ana, ben]) assert.deepEqual(person.faults, [], 'the page complained')
})

const composer = (person) => person.page.getByRole('textbox', { name: 'Message', exact: true })
const row = (text) => ana.page.getByRole('list', { name: 'Scheduled messages' }).getByRole('listitem').filter({ hasText: text })

describe('a message', () => {
  test('is scheduled from the menu, changed, and sent at once from the list', async () => {
    await composer(ana).fill('Soup at seven')
    await ana.page.getByRole('button', { name: 'Send later' }).click()
    await assertAccessible(ana.page, 'the choice when to send')
    await ana.page.getByRole('menuitem', { name: /Tomorrow at 9/ }).click()
    await ana.page.getByText(/1 message is scheduled for/).waitFor()
    await ana.page.waitForFunction(() => document.querySelector('textarea')?.value === '')
    await ana.page.getByRole('link', { name: 'Show', exact: true }).click()
    await row('Soup at seven').waitFor()
    await assertAccessible(ana.page, 'the scheduled messages')
    await row('Soup at seven').getByRole('button', { name: 'Edit' }).click()
    const dialog = ana.page.getByRole('dialog', { name: 'Edit' })
    await dialog.getByLabel('Message').fill('Soup at eight')
    await dialog.getByLabel('Send at').fill('2001-01-01T09:00')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Choose a time in the future').waitFor()
    await dialog.getByLabel('Send at').fill(inMinutes(60))
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await row('Soup at eight').getByRole('button', { name: 'Send now' }).click()
    await ana.page.getByText('Nothing scheduled').waitFor()
    await ben.message('Soup at eight').waitFor()
  })

  test('is sent at its time with the page closed', async () => {
    await ana.openConversation('Kitchen')
    await composer(ana).fill('Bread, too')
    await ana.page.getByRole('button', { name: 'Send', exact: true }).click({ button: 'right' })
    await ana.page.getByRole('menuitem', { name: 'Another time …' }).click()
    const dialog = ana.page.getByRole('dialog', { name: 'Send later' })
    await dialog.getByLabel('Send at').fill(inMinutes(60))
    await assertAccessible(ana.page, 'the choice of a time')
    await dialog.getByRole('button', { name: 'Schedule' }).click()
    await dialog.waitFor({ state: 'detached' })
    const { items } = await ana.page.evaluate(() => fetch('/api/v1/scheduled').then((response) => response.json()))
    // A field has whole minutes; nobody wants to wait for the next one.
    const at = new Date(Date.now() + 5_000).toISOString()
    const status = await ana.page.evaluate(([id, at]) => fetch(`/api/v1/scheduled/${id}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ at }) }).then((response) => response.status), [items[0].id, at])
    assert.equal(status, 200)
    await ana.page.goto('about:blank')
    await ben.message('Bread, too').waitFor()
    await ana.page.goto('/c')
    await ana.openConversation('Kitchen')
    await ana.message('Bread, too').waitFor()
    assert.equal(await ana.page.getByText(/message is scheduled/).count(), 0)
  })

  test('is deleted after a question', async () => {
    await composer(ana).fill('Never mind')
    await ana.page.getByRole('button', { name: 'Send later' }).click()
    await ana.page.getByRole('menuitem', { name: /In an hour/ }).click()
    await ana.page.getByRole('link', { name: 'Scheduled messages' }).click()
    await row('Never mind').getByRole('button', { name: 'Delete' }).click()
    await ana.page.getByRole('dialog', { name: 'Delete scheduled message?' }).getByRole('button', { name: 'Delete' }).click()
    await ana.page.getByText('Nothing scheduled').waitFor()
  })
})

describe('a message that is refused when its time comes', () => {
  /** Schedules one for in a moment, as a field of whole minutes cannot. */
  const schedule = (conversation, body) =>
    admin.call('PUT', `/conversations/${conversation}/scheduled/${randomUUID()}`, { body, at: new Date(Date.now() + 5_000).toISOString() })

  test('stays in the list with the reason, and goes once nothing is in its way', async () => {
    const { id } = await other.group('Cellar', [admin])
    await schedule(id, 'Is there any wine?')
    await other.call('PATCH', `/groups/${id}`, { archived: true })
    await ana.page.getByRole('link', { name: /^Scheduled messages.*1 not sent/ }).click()
    await row('Is there any wine?').getByText('Not sent: the group is archived.').waitFor()
    await assertAccessible(ana.page, 'a scheduled message that was refused')
    await row('Is there any wine?').getByRole('button', { name: 'Send now' }).click()
    await ana.page.getByRole('alert').filter({ hasText: 'archived' }).waitFor()
    await row('Is there any wine?').waitFor()
    await other.call('PATCH', `/groups/${id}`, { archived: false })
    await row('Is there any wine?').getByRole('button', { name: 'Send now' }).click()
    await ana.page.getByText('Nothing scheduled').waitFor()
    await ben.openConversation('Cellar')
    await ben.message('Is there any wine?').waitFor()
  })

  test('by one who was put out names no conversation, and can be deleted', async () => {
    const { id } = await other.group('Attic', [admin])
    await schedule(id, 'Whose boxes are these?')
    await other.call('DELETE', `/groups/${id}/members/${admin.id}`)
    await row('Whose boxes are these?').getByText('Not sent: you are not in this conversation any more.').waitFor()
    await row('Whose boxes are these?').getByText('A conversation you are not in').waitFor()
    await row('Whose boxes are these?').getByRole('button', { name: 'Delete' }).click()
    await ana.page.getByRole('dialog', { name: 'Delete scheduled message?' }).getByRole('button', { name: 'Delete' }).click()
    await ana.page.getByText('Nothing scheduled').waitFor()
  })
})

/** A moment as a field for a date and a time has it. */
function inMinutes(minutes) {
  const then = new Date(Date.now() + minutes * 60_000)
  return new Date(then.getTime() - then.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
