// Long messages are folded, and opened without losing one's place.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

const LINES = Array.from({ length: 60 }, (_, i) => `Line ${i + 1}`).join('\n')
const WORDS = `${'word '.repeat(800)}and the end`

let browser
let server
let ana

before(async () => {
  server = await Server.start()
  browser = await launch()
  const admin = await Member.setUp(server, 'ana', 'Ana Pop')
  const ben = await Member.register(server, 'ben', 'Ben Ionescu')
  const { id } = await ben.group('Essays', [admin])
  for (let i = 0; i < 20; i += 1) await ben.say(id, `Before ${i}`)
  await ben.say(id, LINES)
  await ben.say(id, WORDS)
  await admin.read(id, (await admin.call('GET', `/conversations/${id}`)).last_seq)
  ana = await Person.at(browser, server, { bypassCSP: true, viewport: { width: 1280, height: 700 } })
  await ana.signIn('ana')
  await ana.openConversation('Essays')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ana.faults, [], 'the page complained'))

const lines = () => ana.message('Line 1')
const words = () => ana.message('word word')
const more = (message) => message.getByRole('button', { name: 'Show more' })
const less = (message) => message.getByRole('button', { name: 'Show less' })
const topOf = (locator) => locator.evaluate((element) => element.getBoundingClientRect().top)

/** What is on the screen once the page has come to rest: two frames, for what watches sizes. */
async function settledTopOf(locator) {
  await ana.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  return topOf(locator)
}

test('only their beginning is shown, and a short one is shown whole', async () => {
  await words().getByText('word…').waitFor()
  await lines().getByText('Line 12…').waitFor()
  assert.equal(await ana.message('and the end').count(), 0)
  assert.equal(await more(ana.message('Before 19')).count(), 0)
  assert.equal(await more(words()).getAttribute('aria-expanded'), 'false')
  await assertAccessible(ana.page, 'folded messages')
})

test('the last one opens with the keyboard, and its beginning stays in its place', async () => {
  const top = await topOf(words())
  await more(words()).press('Enter')
  await ana.message('and the end').waitFor()
  assert.ok(Math.abs((await settledTopOf(words())) - top) <= 2, 'the message moved')
  await less(words()).and(ana.page.locator(':focus')).waitFor()
  assert.equal(await less(words()).getAttribute('aria-expanded'), 'true')
  await ana.page.getByRole('button', { name: 'Jump to latest' }).waitFor()
})

test('it folds again under the button that was pressed', async () => {
  await less(words()).scrollIntoViewIfNeeded()
  const top = await topOf(less(words()))
  await less(words()).press('Enter')
  await more(words()).waitFor()
  assert.ok(Math.abs((await settledTopOf(more(words()))) - top) <= 2, 'the button moved')
})

test('what is open stays open when something comes, until one leaves the conversation', async () => {
  await more(lines()).click()
  await ana.page.getByText('Line 60').waitFor()
  await ana.say('Something short')
  await ana.tick('Something short', 'Sent').waitFor()
  assert.equal(await less(lines()).count(), 1)
  assert.equal(await more(words()).count(), 1)
  await ana.openConversation('lobby')
  await ana.openConversation('Essays')
  await more(lines()).waitFor()
})
