// A long history: where it opens, how it scrolls, and the way back to the latest message.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

// More than the page keeps in memory, so that it has to let go on one side and load again.
const MESSAGES = 900

let browser
let server
let ana
let ben
let group
let last

before(async () => {
  server = await Server.start()
  browser = await launch()
  const admin = await Member.setUp(server, 'ana', 'Ana Pop')
  ben = await Member.register(server, 'ben', 'Ben Ionescu')
  group = (await admin.group('Long talks', [ben])).id
  const sent = await Promise.all(Array.from({ length: MESSAGES }, (_, i) => ben.say(group, `Number ${i}`)))
  last = Math.max(...sent.map(({ seq }) => seq))
  await admin.read(group, last - 200)
  ana = await Person.at(browser, server)
  await ana.signIn('ana')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ana.faults, [], 'the page complained'))

const entry = (seq) => ana.page.locator(`[data-seq="${seq}"]`)
const jump = () => ana.page.getByRole('button', { name: /Jump to latest|\d+ new/ })

/** Waits until an element can be seen without scrolling. */
async function inView(locator) {
  await locator.waitFor()
  await ana.page.waitForFunction((element) => {
    const box = element.getBoundingClientRect()
    const frame = element.closest('section[aria-busy]').getBoundingClientRect()
    return box.bottom > frame.top && box.top < frame.bottom
  }, await locator.elementHandle())
}

/** Scrolls to an end of what is loaded. Says which entry was there, and how far below the frame's top. */
function scrollTo(end) {
  return ana.page.getByRole('region', { name: 'Messages' }).evaluate((scroller, to) => {
    scroller.scrollTop = to === 'top' ? 0 : scroller.scrollHeight
    const rows = [...scroller.querySelectorAll('[data-seq]')]
    const row = to === 'top' ? rows[0] : rows.at(-1)
    return { seq: Number(row.dataset.seq), top: row.getBoundingClientRect().top }
  }, end)
}

/** Where an entry is once others have been loaded beyond it. */
async function placeAfterLoading(seq, beyond) {
  await entry(beyond).waitFor({ state: 'attached' })
  return entry(seq).evaluate((row) => row.getBoundingClientRect().top)
}

test('it opens at the first unread message, under a line that says so', async () => {
  await ana.openConversation('Long talks')
  await inView(ana.page.getByText('New', { exact: true }))
  await inView(entry(last - 199))
  await jump().filter({ hasText: /^\s*\d+ new/ }).waitFor()
})

test('what is scrolled past is read, and the rest stays unread', async () => {
  const badge = ana.conversation('Long talks').getByRole('img', { name: /\d+ unread/ })
  const count = async () => Number((await badge.getAttribute('aria-label')).match(/\d+/)[0])
  const before = await count()
  assert.ok(before > 100 && before <= 200, `${before} unread`)
  await scrollTo('bottom')
  await ana.page.waitForFunction((was) => {
    const label = document.querySelector('[aria-label$=" unread"]')?.getAttribute('aria-label')
    return label && Number.parseInt(label, 10) < was
  }, before)
})

test('older messages load on the way up without moving what one reads', async () => {
  await ana.page.goto(`/c/${group}/m/${last - 300}`)
  await inView(entry(last - 300))
  const first = await scrollTo('top')
  const now = await placeAfterLoading(first.seq, first.seq - 1)
  assert.ok(Math.abs(now - first.top) <= 2, `moved from ${first.top} to ${now}`)
})

test('newer messages load on the way down without moving what one reads', async () => {
  await ana.page.goto(`/c/${group}/m/${last - 300}`)
  await inView(entry(last - 300))
  const end = await scrollTo('bottom')
  const now = await placeAfterLoading(end.seq, end.seq + 1)
  assert.ok(Math.abs(now - end.top) <= 2, `moved from ${end.top} to ${now}`)
})

test('one can go all the way back to the beginning, and to the end again', async () => {
  await ana.page.goto(`/c/${group}`)
  for (const [end, goal] of [['top', 1], ['bottom', last]]) {
    await ana.page.locator('[data-seq]').first().waitFor()
    for (let steps = 0; (await entry(goal).count()) === 0; steps += 1) {
      assert.ok(steps < 60, `${goal} is not reached`)
      const { seq } = await scrollTo(end)
      await entry(seq === goal ? goal : seq + (end === 'top' ? -1 : 1)).waitFor({ state: 'attached' })
    }
    await scrollTo(end)
    await inView(entry(goal))
    const held = await ana.page.locator('[data-seq]').count()
    assert.ok(held <= 650, `${held} entries are held`)
  }
})

test('a link to a message opens at it, and a button leads to the latest one', async () => {
  await ana.page.goto(`/c/${group}/m/100`)
  await inView(entry(100))
  assert.equal(await ana.page.evaluate(() => document.activeElement.dataset.seq), '100')
  await jump().click()
  await inView(entry(last))
  await jump().waitFor({ state: 'hidden' })
  assert.equal(new URL(ana.page.url()).pathname, `/c/${group}`, 'a reload leads here again')
  await ana.page.waitForFunction(() => !document.title.startsWith('('))
})

test('a jump that the network does not allow leaves what was there', async () => {
  await ana.page.goto(`/c/${group}/m/100`)
  await inView(entry(100))
  await ana.page.route('**/messages?*', (route) => route.abort())
  await jump().click()
  await ana.page.getByText('The server cannot be reached').first().waitFor()
  await inView(entry(100))
  await ana.page.unroute('**/messages?*')
  await jump().click()
  await inView(entry(last))
})

test('who reads older messages stays there when new ones come, and is told how many', async () => {
  await ana.page.goto(`/c/${group}`)
  await inView(entry(last))
  const { seq } = await scrollTo('top')
  await entry(seq - 1).waitFor({ state: 'attached' })
  await ben.say(group, 'Something new')
  await ben.say(group, 'And one more')
  await jump().filter({ hasText: '2 new' }).waitFor()
  await ana.page.waitForFunction(() => document.title.startsWith('(2)'))
  await inView(entry(seq))
  await jump().click()
  await inView(ana.message('And one more'))
  await ana.page.waitForFunction(() => !document.title.startsWith('('))
})

test('who is at the end stays at the end when new messages come', async () => {
  await ben.say(group, 'Down here')
  await inView(ana.message('Down here'))
})

test('arrow keys lead from message to message and Escape back to the text', async () => {
  await ana.page.getByRole('textbox', { name: 'Message' }).focus()
  await ana.page.keyboard.press('Shift+Tab')
  await ana.message('Down here').and(ana.page.locator(':focus')).waitFor()
  await ana.page.keyboard.press('ArrowUp')
  await ana.message('And one more').and(ana.page.locator(':focus')).waitFor()
  await ana.page.keyboard.press('Escape')
  await ana.page.getByRole('textbox', { name: 'Message' }).and(ana.page.locator(':focus')).waitFor()
})
