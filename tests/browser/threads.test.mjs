// Messages are answered in threads, apart from the conversation.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana
let ben
let carl
let group

before(async () => {
  server = await Server.start()
  browser = await launch()
  const admin = await Member.setUp(server, 'ana', 'Ana Pop')
  carl = await Member.register(server, 'carl', 'Carl')
  const other = await Member.register(server, 'ben', 'Ben Ionescu')
  group = (await admin.group('Kitchen', [other, carl])).id
  ana = await Person.at(browser, server, { bypassCSP: true })
  ben = await Person.at(browser, server)
  await ana.signIn('ana')
  await ben.signIn('ben')
  await ana.openConversation('Kitchen')
  await ben.openConversation('Kitchen')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => {
  for (const person of [ana, ben]) assert.deepEqual(person.faults, [], 'the page complained')
})

const panel = (person) => person.page.getByRole('region', { name: 'Thread', exact: true })
const reply = (person) => panel(person).getByRole('textbox', { name: 'Reply in thread' })
const replies = (person, text) => person.page.getByRole('region', { name: 'Replies' }).locator('[data-client-id]').filter({ hasText: text })
const threadsLink = (person) => person.page.getByRole('link', { name: /Threads you follow/ })

async function startThread(person, text) {
  await person.message(text).hover()
  await person.message(text).getByRole('button', { name: 'Reply in thread', exact: true }).click()
  await reply(person).waitFor()
}

async function answer(person, text) {
  await reply(person).fill(text)
  await person.page.keyboard.press('Enter')
  await replies(person, text).waitFor()
}

const answerAs = (member, root, body) => member.call('PUT', `/conversations/${group}/messages/${randomUUID()}`, { body, thread: root })

async function rootOf(text) {
  const { items } = await carl.call('GET', `/conversations/${group}/messages`)
  return items.find((entry) => entry.message?.body === text).message.id
}

describe('a thread', () => {
  test('is begun beside the conversation, counted at its message, and not in the conversation', async () => {
    await ana.say('Who cooks on Friday?')
    await ben.message('Who cooks on Friday?').waitFor()
    await startThread(ben, 'Who cooks on Friday?')
    await answer(ben, 'I can do it')
    const summary = ana.message('Who cooks on Friday?').getByRole('link', { name: 'Open the thread: 1 reply' })
    await summary.waitFor()
    assert.equal(await ana.message('I can do it').count(), 0)
    await threadsLink(ana).getByRole('img', { name: '1 unread in threads' }).waitFor()
    await summary.click()
    await replies(ana, 'I can do it').waitFor()
    await threadsLink(ana).getByRole('img').waitFor({ state: 'detached' })
    await answer(ana, 'Thank you')
    await replies(ben, 'Thank you').waitFor()
    await ben.message('Who cooks on Friday?').getByRole('link', { name: 'Open the thread: 2 replies' }).waitFor()
    await assertAccessible(ana.page, 'a thread')
  })

  test('may show an answer in the conversation, too', async () => {
    await panel(ben).getByLabel('Also send to the conversation').check()
    await answer(ben, 'Soup it is')
    await ana.message('Soup it is').getByRole('link', { name: 'Replied in a thread' }).waitFor()
    await replies(ana, 'Soup it is').waitFor()
    assert.equal(await panel(ben).getByLabel('Also send to the conversation').isChecked(), false)
  })

  test('has its answers edited and deleted like any message', async () => {
    const mine = replies(ana, 'Thank you')
    await mine.hover()
    await mine.getByRole('button', { name: 'More actions' }).click()
    await ana.page.getByRole('menuitem', { name: 'Edit', exact: true }).click()
    const editor = panel(ana).getByRole('textbox', { name: 'Edit message' })
    await editor.fill('Thanks a lot')
    await ana.page.keyboard.press('Enter')
    await replies(ben, 'Thanks a lot').waitFor()
    await replies(ana, 'Thanks a lot').hover()
    await replies(ana, 'Thanks a lot').getByRole('button', { name: 'More actions' }).click()
    await ana.page.getByRole('menuitem', { name: 'Delete', exact: true }).click()
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await replies(ben, 'This message was deleted').waitFor()
    await ben.message('Who cooks on Friday?').getByRole('link', { name: 'Open the thread: 2 replies' }).waitFor()
  })

  test('is listed while it is followed, with something unread first', async () => {
    await threadsLink(ana).click()
    await ana.page.getByRole('list', { name: 'Threads you follow' }).getByRole('link', { name: /Who cooks on Friday/ }).waitFor()
    await answerAs(carl, await rootOf('Who cooks on Friday?'), 'Bread from me')
    const unread = ana.page.getByRole('list', { name: 'Threads you follow' }).getByRole('link', { name: /1 unread/ })
    await unread.waitFor()
    await assertAccessible(ana.page, 'the threads')
    await unread.click()
    await replies(ana, 'Bread from me').waitFor()
    await panel(ana).getByRole('button', { name: /Stop following/ }).click()
    await panel(ana).getByRole('button', { name: 'Follow thread' }).waitFor()
    await answerAs(carl, await rootOf('Who cooks on Friday?'), 'And butter')
    await replies(ana, 'And butter').waitFor()
    assert.equal(await threadsLink(ana).getByRole('img').count(), 0)
  })

  test('is followed by whoever is mentioned in it', async () => {
    await carl.say(group, 'Who has the key?')
    const root = await rootOf('Who has the key?')
    await answerAs(carl, root, 'Not me')
    await ana.message('Who has the key?').getByRole('link', { name: 'Open the thread: 1 reply' }).waitFor()
    assert.equal(await threadsLink(ana).getByRole('img').count(), 0)
    await answerAs(carl, root, 'Do you, @ana?')
    await threadsLink(ana).getByRole('img', { name: '1 unread in threads' }).waitFor()
    await ana.message('Who has the key?').getByRole('link', { name: 'Open the thread: 2 replies' }).click()
    await replies(ana, 'Do you, @ana?').waitFor()
    await threadsLink(ana).getByRole('img').waitFor({ state: 'detached' })
    await panel(ana).getByRole('button', { name: 'Close thread' }).click()
  })

  test('is where the link to one of its messages leads', async () => {
    const { items } = await carl.call('GET', `/messages/${await rootOf('Who cooks on Friday?')}/replies`)
    const bread = items.find((entry) => entry.message.body === 'Bread from me')
    const page = await ben.open(`/c/${group}/m/${bread.seq}`)
    await page.waitForURL('**/t/**')
    await page.getByRole('region', { name: 'Replies' }).getByText('Bread from me').waitFor()
    await page.close()
  })

  test('stays when the message it is about is deleted', async () => {
    const root = await rootOf('Who cooks on Friday?')
    const owner = ana.message('Who cooks on Friday?').first()
    await owner.hover()
    await owner.getByRole('button', { name: 'More actions' }).click()
    await ana.page.getByRole('menuitem', { name: 'Delete', exact: true }).click()
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await replies(ben, 'This message was deleted').first().waitFor()
    await answerAs(carl, root, 'Still here')
    await replies(ben, 'Still here').waitFor()
  })

  test('comes back by its address, and its draft with it', async () => {
    await reply(ben).fill('not sent yet')
    await ben.page.reload()
    await replies(ben, 'Still here').waitFor()
    assert.equal(await reply(ben).inputValue(), 'not sent yet')
    assert.equal(await ben.page.getByRole('textbox', { name: 'Message', exact: true }).inputValue(), '')
    await panel(ben).getByRole('button', { name: 'Close thread' }).click()
    await panel(ben).waitFor({ state: 'detached' })
  })
})
