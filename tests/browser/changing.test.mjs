// Messages that were sent are changed, and everybody who looks sees it at once.
import assert from 'node:assert/strict'
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

const box = (person) => person.page.getByRole('textbox', { name: 'Message' })
const focused = (person, locator) => locator.and(person.page.locator(':focus')).waitFor()

/** The message with this text; those that quote it are others. */
function message(person, text) {
  const itself = person.page.locator('.message-text').filter({ hasText: text })
  return person.page.getByRole('region', { name: 'Messages' }).locator('[data-client-id]').filter({ has: itself })
}

/** Both have a message that somebody sent. */
async function said(person, text) {
  await person.say(text)
  for (const reader of [ana, ben]) await message(reader, text).waitFor()
  await message(person, text).getByRole('img', { name: /Sent|Delivered|Read/ }).waitFor()
}

/** Presses a button of the toolbar that a message shows to the mouse. */
async function press(person, text, button) {
  await message(person, text).hover()
  await message(person, text).getByRole('button', { name: button, exact: true }).click()
}

async function choose(person, text, item) {
  await press(person, text, 'More actions')
  await person.page.getByRole('menuitem', { name: item, exact: true }).click()
}

async function inBothThemes(person, screen) {
  await person.page.emulateMedia({ colorScheme: 'light' })
  await assertAccessible(person.page, `${screen} (light)`)
  await person.page.emulateMedia({ colorScheme: 'dark' })
  await assertAccessible(person.page, `${screen} (dark)`, ['color-contrast'])
}

describe('two people see each other', () => {
  test('react, with one of the emoji at hand, and take it back', async () => {
    await said(ana, 'Soup is ready')
    await press(ben, 'Soup is ready', 'React with 👍')
    const chip = (person) => message(person, 'Soup is ready').getByRole('button', { name: /^👍 by/ })
    await chip(ana).and(ana.page.locator('[aria-pressed="false"]')).click()
    await chip(ben).filter({ hasText: '2' }).and(ben.page.getByTitle(/Ben Ionescu.*Ana Pop/)).waitFor()
    await chip(ben).and(ben.page.locator('[aria-pressed="true"]')).click()
    await chip(ana).filter({ hasText: '1' }).waitFor()
  })

  test('react with any emoji, which is found by its name', async () => {
    await press(ana, 'Soup is ready', 'Add reaction')
    const dialog = ana.page.getByRole('dialog', { name: 'Add reaction' })
    await dialog.getByRole('button', { name: 'grinning face', exact: true }).first().waitFor()
    await inBothThemes(ana, 'the emoji')
    await dialog.getByLabel('Search emoji').fill('shallow')
    await dialog.getByRole('button', { name: 'shallow pan of food' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await message(ben, 'Soup is ready').getByRole('button', { name: /^🥘 by .*Ana Pop/ }).waitFor()
  })

  test('edit, without losing what was written before', async () => {
    await said(ana, 'Diner at seven')
    await box(ana).fill('A draft')
    await choose(ana, 'Diner at seven', 'Edit')
    const editor = ana.page.getByRole('textbox', { name: 'Edit message' })
    await focused(ana, editor)
    await editor.fill('Dinner at seven')
    await inBothThemes(ana, 'editing')
    await ana.page.keyboard.press('Enter')
    await message(ben, 'Dinner at seven').getByTitle(/^Edited/).waitFor()
    // He may hear of it before she is answered.
    await editor.waitFor({ state: 'hidden' })
    assert.equal(await box(ana).inputValue(), 'A draft')
    await box(ana).fill('')
  })

  test('see what a message said before, with what was changed in it', async () => {
    await said(ana, 'Bread and butter')
    await choose(ana, 'Bread and butter', 'Edit')
    await ana.page.getByRole('textbox', { name: 'Edit message' }).fill('Bread and cheese')
    await ana.page.keyboard.press('Enter')
    const mark = message(ana, 'Bread and cheese').getByRole('button', { name: '(edited)' })
    await mark.click()
    const dialog = ana.page.getByRole('dialog', { name: 'Edit history' })
    const [now, first] = [dialog.getByRole('listitem').filter({ hasText: 'Now' }), dialog.getByRole('listitem').filter({ hasText: 'Original' })]
    await now.getByRole('deletion').filter({ hasText: 'butter' }).waitFor()
    await now.getByRole('insertion').filter({ hasText: 'cheese' }).waitFor()
    await first.getByText('Bread and butter', { exact: true }).waitFor()
    await inBothThemes(ana, 'the edit history')
    await ana.page.keyboard.press('Escape')
    await choose(ana, 'Bread and cheese', 'Edit history')
    await dialog.waitFor()
    await ana.page.keyboard.press('Escape')
    // A plain member sees that it was edited, and no more.
    await message(ben, 'Bread and cheese').getByTitle(/^Edited/).waitFor()
    assert.equal(await message(ben, 'Bread and cheese').getByRole('button', { name: '(edited)' }).count(), 0)
  })

  test('reply, and the quote leads to what it answers', async () => {
    await press(ben, 'Dinner at seven', 'Reply')
    await ben.page.getByText('Replying to').waitFor()
    await focused(ben, box(ben))
    await said(ben, 'I bring bread')
    await message(ana, 'I bring bread').getByRole('button', { name: /Reply to .*Ana Pop.*Dinner at seven/ }).click()
    await ana.page.waitForURL(/\/m\/\d+$/)
    await focused(ana, message(ana, 'Dinner at seven'))
  })

  test('pin, and find what is pinned', async () => {
    await choose(ben, 'Dinner at seven', 'Pin')
    await message(ana, 'Dinner at seven').getByRole('img', { name: 'Pinned' }).waitFor()
    await ana.page.getByRole('button', { name: 'Pinned messages' }).click()
    const pins = ana.page.getByRole('list', { name: 'Pinned messages' })
    await pins.getByText('Dinner at seven').waitFor()
    await inBothThemes(ana, 'the pinned messages')
    await choose(ben, 'Soup is ready', 'Pin')
    await pins.getByText('Soup is ready').waitFor()
    await pins.getByRole('button', { name: /Show the message.*Soup/ }).click()
    await ana.page.waitForURL(/\/m\/\d+$/)
    await focused(ana, message(ana, 'Soup is ready'))
    await ana.page.getByRole('button', { name: 'Pinned messages' }).click()
    await pins.getByRole('listitem').filter({ hasText: 'Dinner' }).getByRole('button', { name: 'Unpin' }).click()
    await pins.getByText('Dinner at seven').waitFor({ state: 'detached' })
    await ana.page.getByRole('button', { name: 'Close pinned messages' }).click()
    await message(ben, 'Dinner at seven').getByRole('img', { name: 'Pinned' }).waitFor({ state: 'detached' })
  })

  test('delete, and quotes of it say so', async () => {
    await choose(ana, 'Dinner at seven', 'Delete')
    await inBothThemes(ana, 'deleting')
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await ben.page.getByRole('region', { name: 'Messages' }).getByText('This message was deleted').waitFor()
    await message(ben, 'I bring bread').getByText('Reply to a message that was deleted').waitFor()
    await inBothThemes(ana, 'reactions, a quote and a message that was deleted')
  })
})

test('the sidebar says that the last message was deleted, and counts one less', async () => {
  await ben.openConversation('lobby')
  const { message_id } = await carl.say(group, 'Something hasty')
  const there = ben.conversation('Kitchen')
  await there.getByRole('img', { name: '1 unread' }).waitFor()
  await carl.call('DELETE', `/messages/${message_id}`)
  await there.getByText('This message was deleted').waitFor()
  await there.getByRole('img', { name: '1 unread' }).waitFor({ state: 'detached' })
  await ben.openConversation('Kitchen')
})

test('what one may not do is not offered', async () => {
  await carl.say(group, 'Mine alone')
  await press(ben, 'Mine alone', 'More actions')
  await ben.page.getByRole('menuitem', { name: 'Copy text' }).waitFor()
  assert.deepEqual(await ben.page.getByRole('menuitem').allInnerTexts(), ['Forward', 'Save for later', 'Mark as unread from here', 'Copy text', 'Copy link', 'Pin', 'Report'])
  await ben.page.keyboard.press('Escape')
  await choose(ana, 'Mine alone', 'Delete')
  const question = ana.page.getByRole('dialog', { name: 'Delete this message?' })
  await question.waitFor()
  await ana.page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
})

test('a reaction that is refused is taken back, and the reason is told', async () => {
  await said(ben, 'Almost full')
  await ana.page.route('**/reactions/**', (route) =>
    route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ code: 'too_many_reactions' }) }),
  )
  await press(ana, 'Almost full', 'React with 👍')
  await ana.page.getByRole('alert').getByText('as many reactions as it can have').waitFor()
  await message(ana, 'Almost full').getByRole('button', { name: /^👍 by/ }).waitFor({ state: 'detached' })
  await ana.page.unroute('**/reactions/**')
})

test('all of it is done with the keyboard alone', async () => {
  const { page } = ana
  await ana.page.mouse.move(0, 0)
  await said(ana, 'By hand')
  await box(ana).press('ArrowUp')
  await focused(ana, page.getByRole('textbox', { name: 'Edit message' }))
  await page.keyboard.press('End')
  await page.keyboard.type(' and keys')
  await page.keyboard.press('Enter')
  await message(ben, 'By hand and keys').waitFor()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Escape')
  await focused(ana, box(ana))
  await message(ana, 'By hand and keys').focus()
  await page.keyboard.press('+')
  await focused(ana, page.getByLabel('Search emoji'))
  await page.keyboard.type('tada')
  await page.keyboard.press('Enter')
  await message(ben, 'By hand and keys').getByRole('button', { name: /^🎉 by/ }).waitFor()
  await focused(ana, message(ana, 'By hand and keys'))
  await page.keyboard.press('r')
  await focused(ana, box(ana))
  await page.keyboard.press('Escape')
  await message(ana, 'By hand and keys').focus()
  await page.keyboard.press('Delete')
  await page.getByRole('dialog', { name: 'Delete this message?' }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).press('Enter')
  await message(ben, 'By hand and keys').waitFor({ state: 'detached' })
})

test('on a phone a long press offers the same', async () => {
  const phone = await Person.at(browser, server, {
    viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, bypassCSP: true, reducedMotion: 'reduce',
  })
  await phone.signIn('ben')
  await phone.openConversation('Kitchen')
  await said(ana, 'Hold on')
  await message(phone, 'Hold on').waitFor()
  const touch = await phone.context.newCDPSession(phone.page)
  const { x, y, height } = await message(phone, 'Hold on').boundingBox()
  const finger = { x: x + 120, y: y + height / 2 }
  const sheet = phone.page.getByRole('dialog', { name: 'Message actions' })
  const hold = async () => {
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [finger] })
    await sheet.waitFor()
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  }
  await hold()
  await inBothThemes(phone, 'the sheet')
  await sheet.getByRole('button', { name: 'React with ❤️' }).tap()
  await message(ana, 'Hold on').getByRole('button', { name: /^❤️ by .*Ben Ionescu/ }).waitFor()
  await hold()
  await sheet.getByRole('button', { name: 'Reply', exact: true }).tap()
  await phone.say('Holding')
  await message(ana, 'Holding').getByRole('button', { name: /Reply to .*Hold on/ }).waitFor()
  assert.deepEqual(phone.faults, [], 'the page complained')
  await phone.context.close()
})
