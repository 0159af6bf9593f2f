// Messages are found again, and lead to their places.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }

let browser
let server
let ana
let kitchen

before(async () => {
  server = await Server.start()
  browser = await launch()
  const admin = await Member.setUp(server, 'ana', 'Ana Pop')
  const other = await Member.register(server, 'ben', 'Ben Ionescu')
  kitchen = (await admin.group('Kitchen', [other])).id
  const direct = await admin.direct(other)
  for (let number = 1; number <= 45; number += 1) await other.say(kitchen, `Menu number ${number}: pancakes and tea`)
  await other.say(kitchen, 'The soup is <b>ready</b>, and it is a good soup')
  await admin.say(direct, 'Soup recipe: https://example.org/soup')
  ana = await Person.at(browser, server, { bypassCSP: true })
  await ana.signIn('ana')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(ana.faults, [], 'the page complained'))

const field = (person) => person.page.getByRole('main').getByRole('searchbox', { name: /^Search (messages|in this conversation)$/ })
const hits = (person) => person.page.getByRole('list', { name: 'Messages found' }).getByRole('link')
const focused = (person, locator) => locator.and(person.page.locator(':focus')).waitFor()

/** Those of the query that stands there, and not of the one before it. */
const answered = ({ page }) => page.getByRole('list', { name: 'Messages found' }).and(page.locator('[aria-busy="false"]')).getByRole('link')

/** Types until the server has indexed what was written. */
async function finds(person, query, count) {
  for (let tries = 0; ; tries += 1) {
    await field(person).fill(query)
    await field(person).press('Enter')
    try {
      return await answered(person).nth(count - 1).waitFor({ timeout: 1_000 })
    } catch (error) {
      if (tries > 10) throw error
    }
  }
}

async function inBothThemes(person, screen) {
  await person.page.emulateMedia({ colorScheme: 'light' })
  await assertAccessible(person.page, `${screen} (light)`)
  await person.page.emulateMedia({ colorScheme: 'dark' })
  await assertAccessible(person.page, `${screen} (dark)`, ['color-contrast'])
}

describe('somebody searches all conversations', () => {
  test('from the sidebar, and sees what was found where, with what matches marked', async () => {
    await ana.page.getByRole('searchbox', { name: 'Search conversations' }).fill('soup')
    await ana.page.getByRole('button', { name: 'Search messages for' }).click()
    await ana.page.waitForURL('**/search?q=soup')
    await finds(ana, 'soup', 2)
    assert.equal(await hits(ana).count(), 2)
    const first = hits(ana).first()
    assert.match(await first.textContent(), /Ana Pop.*Ben Ionescu/)
    const second = hits(ana).nth(1)
    assert.match(await second.textContent(), /Ben Ionescu.*Kitchen/)
    assert.deepEqual(await second.locator('mark').allTextContents(), ['soup', 'soup'])
    // Text of people is never markup.
    assert.match(await second.textContent(), /<b>ready<\/b>/)
    await inBothThemes(ana, 'what was found')
  })

  test('and goes to a message in its place with the keyboard alone, and back', async () => {
    await field(ana).focus()
    await ana.page.keyboard.press('ArrowDown')
    await focused(ana, hits(ana).first())
    await ana.page.keyboard.press('ArrowDown')
    await focused(ana, hits(ana).nth(1))
    await ana.page.keyboard.press('ArrowUp')
    await ana.page.keyboard.press('ArrowUp')
    await focused(ana, field(ana))
    await ana.page.keyboard.press('ArrowDown')
    await ana.page.keyboard.press('ArrowDown')
    await ana.page.keyboard.press('Enter')
    await ana.page.waitForURL(`**/c/${kitchen}/results/*?q=soup`)
    await focused(ana, ana.message('The soup is'))
    await ana.page.goBack()
    await ana.page.waitForURL('**/search?q=soup')
    await hits(ana).nth(1).waitFor()
  })

  test('and keeps what was found beside the message, where there is room', async () => {
    await hits(ana).nth(1).click()
    await ana.message('The soup is').waitFor()
    const current = hits(ana).and(ana.page.locator('[aria-current]'))
    await current.filter({ hasText: 'The soup is' }).waitFor()
    await inBothThemes(ana, 'what was found beside a message')
    // Another conversation comes, and what was found stays.
    await hits(ana).filter({ hasText: 'recipe' }).click()
    await ana.message('Soup recipe').waitFor()
    await current.filter({ hasText: 'recipe' }).waitFor()
    assert.equal(await hits(ana).count(), 2)
    await ana.page.goBack()
    await ana.message('The soup is').waitFor()
    await ana.page.reload()
    await ana.message('The soup is').waitFor()
    assert.equal(await field(ana).inputValue(), 'soup')
    await hits(ana).nth(1).waitFor()
    await ana.page.getByRole('button', { name: 'Close search' }).click()
    await field(ana).waitFor({ state: 'detached' })
    await ana.page.waitForURL(`**/c/${kitchen}/m/*`)
  })

  test('beside the conversation that is open', async () => {
    await ana.page.getByRole('searchbox', { name: 'Search conversations' }).fill('recipe')
    await ana.page.getByRole('button', { name: 'Search messages for' }).click()
    await ana.page.waitForURL(`**/c/${kitchen}/results?q=recipe`)
    await hits(ana).first().waitFor()
    assert.equal(await ana.page.getByRole('textbox', { name: 'Message' }).count(), 1, 'the conversation stays')
    await ana.page.goto('/search?q=soup')
    await hits(ana).nth(1).waitFor()
  })

  test('with filters that are offered', async () => {
    await field(ana).fill('soup ')
    const filters = ana.page.getByRole('list', { name: 'Filters' })
    await filters.getByRole('button', { name: 'from:' }).click()
    await filters.getByRole('button', { name: /^ben / }).click()
    assert.equal(await field(ana).inputValue(), 'soup from:ben ')
    await hits(ana).filter({ hasText: 'The soup is' }).waitFor()
    await hits(ana).filter({ hasText: 'recipe' }).waitFor({ state: 'detached' })
    await field(ana).fill('')
    await filters.getByRole('button', { name: 'has:' }).click()
    await filters.getByRole('button', { name: 'Link' }).click()
    await hits(ana).filter({ hasText: 'recipe' }).waitFor()
    await field(ana).fill('in:ki')
    await filters.getByRole('button', { name: 'Kitchen' }).click()
    assert.equal(await field(ana).inputValue(), 'in:Kitchen ')
    await hits(ana).filter({ hasText: 'Menu number 45' }).waitFor()
  })

  test('and gets more by scrolling', async () => {
    await finds(ana, 'pancakes', 30)
    await hits(ana).nth(29).scrollIntoViewIfNeeded()
    await hits(ana).nth(44).waitFor()
    assert.equal(await hits(ana).count(), 45)
  })

  test('and is told what is wrong, and when there is nothing', async () => {
    await field(ana).fill('zebra')
    await ana.page.getByText('Nothing found').waitFor()
    await inBothThemes(ana, 'nothing found')
    await field(ana).fill('zebra by:ana x')
    await ana.page.getByRole('alert').filter({ hasText: 'There is no filter by:' }).waitFor()
    await field(ana).fill('')
    await ana.page.getByText('Whole words in this order').waitFor()
    await inBothThemes(ana, 'help for the search')
    await ana.page.route('**/api/v1/search?*', (route) => route.abort())
    await field(ana).fill('soup')
    const retry = ana.page.getByRole('alert').getByRole('button', { name: 'Try again' })
    await retry.waitFor()
    await ana.page.unroute('**/api/v1/search?*')
    await retry.click()
    await hits(ana).nth(1).waitFor()
  })
})

describe('somebody searches one conversation', () => {
  test('from its header, and stays in it', async () => {
    await ana.page.goto('/c')
    await ana.openConversation('Kitchen')
    await ana.page.getByRole('button', { name: 'Search in this conversation' }).click()
    await ana.page.waitForURL(`**/c/${kitchen}/search`)
    await field(ana).fill('soup')
    await hits(ana).first().waitFor()
    assert.equal(await hits(ana).count(), 1)
    await inBothThemes(ana, 'search in a conversation')
    await field(ana).press('Escape')
    await field(ana).waitFor({ state: 'detached' })
  })

  test('by its keys, and goes from hit to hit', async () => {
    await ana.page.keyboard.press('Control+f')
    await focused(ana, field(ana))
    await finds(ana, 'pancakes', 30)
    await hits(ana).filter({ hasText: 'number 40:' }).click()
    await focused(ana, ana.message('number 40:'))
    await ana.page.waitForURL(`**/c/${kitchen}/search/*?q=pancakes`)
    await hits(ana).nth(29).scrollIntoViewIfNeeded()
    await hits(ana).filter({ hasText: 'number 3:' }).click()
    await focused(ana, ana.message('number 3:'))
    // The same one again is shown once more.
    await ana.page.getByRole('button', { name: 'Jump to latest' }).click()
    await ana.message('The soup is').waitFor()
    await hits(ana).filter({ hasText: 'number 3:' }).click()
    await focused(ana, ana.message('number 3:'))
    await ana.page.keyboard.press('Control+f')
    await focused(ana, field(ana))
    await field(ana).press('Escape')
    await field(ana).waitFor({ state: 'detached' })
  })

  test('on a phone, where the search has the whole screen', async () => {
    const phone = await Person.at(browser, server, PHONE)
    await phone.signIn('ana')
    await phone.page.getByRole('button', { name: 'Search messages', exact: true }).click()
    await phone.page.waitForURL('**/search')
    await field(phone).fill('soup')
    await hits(phone).nth(1).tap()
    await phone.page.waitForURL(`**/c/${kitchen}/m/*`)
    await phone.message('The soup is').waitFor()
    const width = await phone.page.evaluate(() => document.documentElement.scrollWidth)
    assert.equal(width, 360)
    assert.deepEqual(phone.faults, [])
    await phone.context.close()
  })
})
