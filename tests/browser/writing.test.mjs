// Writing messages: emoji by name or from the picker, formats, and blocks of code.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana

before(async () => {
  server = await Server.start()
  browser = await launch()
  await Member.setUp(server, 'ana', 'Ana Pop')
  ana = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] })
  await ana.signIn('ana')
  await ana.openConversation('lobby')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(async () => {
  assert.deepEqual(ana.faults, [], 'the page complained')
  await box().fill('')
})

const box = (person = ana) => person.page.getByRole('textbox', { name: 'Message' })
const suggestion = (name, person = ana) => person.page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option', { name })
const text = (body) => ana.page.getByRole('region', { name: 'Messages' }).locator('.message-text').filter({ hasText: body })

/** Waits until the field has this text. */
async function has(value, person = ana) {
  await person.page.waitForFunction(([el, wanted]) => el.value === wanted, [await box(person).elementHandle(), value])
}

describe('emoji', () => {
  test('a short name becomes its emoji when its colon is typed, and Ctrl+Z brings the name back', async () => {
    await box().pressSequentially('well :tada: done')
    await has('well 🎉 done')
    await box().fill('')
    await box().pressSequentially(':heart:')
    await has('❤️')
    await ana.page.keyboard.press('Control+z')
    await has(':heart:')
  })

  test('what is no name, or code, stays as it is typed', async () => {
    // The names are loaded, so that nothing could come late.
    await box().pressSequentially(':tada:')
    await has('🎉')
    await box().fill('')
    await box().pressSequentially('at 10:30: `:smile:` :nosuch: :x:')
    await has('at 10:30: `:smile:` :nosuch: ❌')
  })

  test('names are suggested, and chosen with the keyboard', async () => {
    await box().pressSequentially('Look :rock')
    await suggestion(':rock:').waitFor()
    await ana.page.keyboard.press('ArrowDown')
    await suggestion(':rocket:').and(ana.page.locator('[aria-selected="true"]')).waitFor()
    assert.equal(await box().getAttribute('aria-activedescendant'), await suggestion(':rocket:').getAttribute('id'))
    await assertAccessible(ana.page, 'emoji suggestions')
    await ana.page.keyboard.press('Enter')
    await has('Look 🚀 ')
  })

  test('a finger chooses one', async () => {
    const phone = await Person.at(browser, server, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true })
    await phone.signIn('ana')
    await phone.openConversation('lobby')
    await box(phone).tap()
    await box(phone).pressSequentially(':rocke')
    await suggestion(':rocket:', phone).tap()
    await has('🚀 ', phone)
    assert.deepEqual(phone.faults, [])
    await phone.context.close()
  })

  test('the picker puts one where the caret was', async () => {
    await box().fill('ab')
    await ana.page.keyboard.press('ArrowLeft')
    await ana.page.getByRole('button', { name: 'Emoji', exact: true }).click()
    const dialog = ana.page.getByRole('dialog', { name: 'Emoji' })
    await dialog.getByLabel('Search emoji').fill('rocket')
    await ana.page.keyboard.press('Enter')
    await has('a🚀b')
    await box().and(ana.page.locator(':focus')).waitFor()
    await ana.page.keyboard.type('!')
    await has('a🚀!b')
  })
})

describe('formats', () => {
  test('keys put their signs around what is selected, and take them off again', async () => {
    for (const [keys, formatted] of [['b', '**word**'], ['i', '_word_'], ['Shift+X', '~~word~~'], ['Shift+C', '`word`']]) {
      await box().fill('word')
      await ana.page.keyboard.press('Control+a')
      await ana.page.keyboard.press(`Control+${keys}`)
      await has(formatted)
      await ana.page.keyboard.press(`Control+${keys}`)
      await has('word')
    }
  })

  test('the menu does the same for what is selected', async () => {
    await box().fill('one\ntwo')
    await ana.page.keyboard.press('Control+a')
    await ana.page.getByRole('button', { name: 'Formatting' }).click()
    await assertAccessible(ana.page, 'the menu of formats')
    await ana.page.getByRole('menuitem', { name: /^List/ }).click()
    await has('- one\n- two')
    await box().and(ana.page.locator(':focus')).waitFor()
    await ana.page.keyboard.press('Control+Shift+8')
    await has('one\ntwo')
  })

  test('a message shows what was formatted', async () => {
    await box().fill('**bold** _italic_ ~~gone~~ `code` https://example.org/\n> said\n\n- one\n- two')
    await ana.page.keyboard.press('Enter')
    const message = text('italic')
    for (const [element, content] of [['strong', 'bold'], ['em', 'italic'], ['s', 'gone'], ['code', 'code'], ['a', 'https://example.org/'], ['blockquote', 'said'], ['li', 'two']]) {
      await message.locator(element).filter({ hasText: content }).waitFor()
    }
  })
})

describe('a block of code', () => {
  const CODE = 'fn main() {\n    println!("<b>{}</b>", 1); // done\n}'

  test('is coloured in its language, without changing a character, readable in both themes', async () => {
    await box().fill(`Here:\n\`\`\`rust\n${CODE}\n\`\`\``)
    await ana.page.keyboard.press('Enter')
    const block = text('Here:').locator('.code-block')
    await block.locator('.hljs-keyword').filter({ hasText: 'fn' }).waitFor()
    await block.locator('.hljs-comment').waitFor()
    assert.equal(await block.locator('code').textContent(), CODE)
    for (const colorScheme of ['light', 'dark']) {
      await ana.page.emulateMedia({ colorScheme })
      await assertAccessible(ana.page, `a block of code (${colorScheme})`)
    }
  })

  test('is copied as it was written', async () => {
    const block = text('Here:').locator('.code-block')
    await block.hover()
    await block.getByRole('button', { name: 'Copy code' }).click()
    await block.getByRole('button', { name: 'Copied' }).waitFor()
    assert.equal(await ana.page.evaluate(() => navigator.clipboard.readText()), CODE)
  })

  test('in no language that is known stays plain', async () => {
    await box().fill('Plain:\n```nosuch\nif (a) {}\n```')
    await ana.page.keyboard.press('Enter')
    await text('Plain:').locator('.code-block').waitFor()
    assert.equal(await text('Plain:').locator('[class^="hljs"]').count(), 0)
  })
})
