// Names that run from right to left leave the words around them where they are.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

// The number and the brackets have no direction of their own: it is they that wander about.
const NAME = 'ליאור (1)'
const GROUP = '(2) קבוצה'
const DESCRIPTION = `${NAME} wrote this`

let browser
let server
let lior
let reader
let group

before(async () => {
  server = await Server.start()
  browser = await launch()
  const admin = await Member.setUp(server, 'ana', 'Ana Pop')
  lior = await Member.register(server, 'lior', NAME)
  group = (await lior.group(GROUP, [admin], { description: DESCRIPTION })).id
  await lior.say(group, 'שלום (3)')
  reader = await Person.at(browser, server)
  await reader.signIn('ana')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

/** Where the letters of a text stand among others, compared with how they stand alone. */
function placesOf(element, text) {
  const lefts = (node, start, length) =>
    Array.from({ length }, (_, i) => {
      const range = document.createRange()
      range.setStart(node, start + i)
      range.setEnd(node, start + i + 1)
      return range.getBoundingClientRect()
    })
  const within = (boxes) => {
    const left = Math.min(...boxes.map((box) => box.left))
    return { left, right: Math.max(...boxes.map((box) => box.right)), places: boxes.map((box) => Math.round(box.left - left)) }
  }
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  while (walker.nextNode() && !walker.currentNode.data.includes(text));
  const node = walker.currentNode
  const start = node.data.indexOf(text)
  const there = within(lefts(node, start, text.length))
  const ahead = lefts(node, 0, start).filter((box) => box.width > 0)
  const behind = lefts(node, start + text.length, node.data.length - start - text.length).filter((box) => box.width > 0)

  const alone = document.createElement('bdi')
  alone.textContent = text
  alone.style.whiteSpace = 'nowrap'
  element.append(alone)
  const expected = within(lefts(alone.firstChild, 0, text.length)).places
  alone.remove()
  return {
    places: there.places,
    expected,
    inOrder: ahead.every((box) => box.right <= there.left + 1) && behind.every((box) => box.left >= there.right - 1),
  }
}

async function assertApart(locator, text, where) {
  await locator.waitFor()
  const { places, expected, inOrder } = await locator.evaluate(placesOf, text)
  assert.deepEqual(places, expected, `${where}: the name is torn apart`)
  assert.ok(inOrder, `${where}: the words around it have moved`)
}

test('in the list, the title and the lines of a conversation', async () => {
  const { page } = reader
  const item = reader.conversation(GROUP)
  await assertApart(item.locator('.name'), GROUP, 'the list')
  await assertApart(item.locator('.preview'), NAME, 'who wrote last')
  await assertApart(item.locator('.preview'), 'שלום (3)', 'what was written last')
  await item.click()
  await assertApart(page.getByRole('heading', { name: GROUP }), GROUP, 'the title')
  await assertApart(page.locator('.status'), DESCRIPTION, 'the description')
  const messages = page.getByRole('region', { name: 'Messages' })
  await assertApart(messages.getByText('added'), NAME, 'who added')
  await reader.openConversation('lobby')
  await assertApart(messages.getByText('joined').filter({ hasText: NAME }), NAME, 'who joined')
})

test('among the members', async () => {
  const { page } = reader
  await reader.conversation(GROUP).click()
  await page.getByRole('button', { name: 'Members', exact: true }).click()
  const list = page.getByRole('list', { name: 'Members' })
  await assertApart(list.getByText(NAME, { exact: true }), NAME, 'the members')
  await page.getByRole('button', { name: 'Leave group' }).click()
  await assertApart(page.getByRole('heading', { name: /^Leave/ }), GROUP, 'a question')
  await page.keyboard.press('Escape')
})

test('when they are typing', async () => {
  const other = await Person.at(browser, server)
  await other.signIn('lior')
  await other.page.goto(`/c/${group}`)
  const text = other.page.getByRole('textbox', { name: 'Message' })
  const typing = text.pressSequentially('Still thinking about this', { delay: 100 })
  await assertApart(reader.page.getByText('is typing…'), NAME, 'the typing line')
  await typing
  assert.deepEqual([...reader.faults, ...other.faults], [])
  await other.context.close()
})
