// Two people chat: the main job, in a real browser, on the real program.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let ana
let ben

before(async () => {
  server = await Server.start()
  browser = await launch()
  ana = await Person.at(browser, server)
  ben = await Person.at(browser, server)
  await ana.setUp('ana', 'Ana Pop')
  await ben.signUp('ben', 'Ben Ionescu')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => {
  for (const person of [ana, ben]) assert.deepEqual(person.faults, [], 'the page complained')
})

describe('two people', () => {
  test('meet in the lobby', async () => {
    await ana.openConversation('lobby')
    await ben.openConversation('lobby')
    await ana.say('Hello, everybody')
    await ben.message('Hello, everybody').waitFor()
    await ana.tick('Hello, everybody', 'Sent').waitFor()
    await ben.say('Hello, Ana')
    await ana.message('Hello, Ana').waitFor()
  })

  test('see each other typing, and no longer once the message arrives', async () => {
    // The signal is sent now and then, last with what he said before, so that he types for a while.
    const typing = ben.page.getByRole('textbox', { name: 'Message' }).pressSequentially('I am still thinking about it', { delay: 200 })
    await ana.page.getByText('Ben Ionescu is typing…').waitFor()
    await typing
    await ben.page.keyboard.press('Enter')
    await ana.message('I am still thinking').waitFor()
    assert.equal(await ana.page.getByText('Ben Ionescu is typing…').count(), 0)
  })

  test('write to each other directly and see how far a message has come', async () => {
    await ana.writeTo('Ben Ionescu')
    await ana.say('Are you there?')
    // Ben's browser has it, but he looks at the lobby.
    await ana.tick('Are you there?', 'Delivered').waitFor()
    await ben.conversation('Ana Pop').getByRole('img', { name: '1 unread' }).waitFor()
    await ben.page.waitForFunction(() => document.title.includes('1'))
    await ben.openConversation('Ana Pop')
    await ana.tick('Are you there?', 'Read').waitFor()
    await ben.conversation('Ana Pop').getByRole('img', { name: '1 unread' }).waitFor({ state: 'hidden' })
  })

  test('have the same unread count on every device', async () => {
    const phone = await Person.at(browser, server, { viewport: { width: 390, height: 844 } })
    await phone.signIn('ben')
    await ben.openConversation('lobby')
    await ana.say('One more thing')
    await phone.conversation('Ana Pop').getByRole('img', { name: '1 unread' }).waitFor()
    await ben.openConversation('Ana Pop')
    await phone.conversation('Ana Pop').getByRole('img', { name: '1 unread' }).waitFor({ state: 'hidden' })
    assert.deepEqual(phone.faults, [])
    await phone.context.close()
  })

  test('lose nothing when one goes offline, writes, and comes back', async () => {
    await ben.context.setOffline(true)
    await ben.page.getByText('You are offline.').waitFor()
    await ana.say('While you were away')
    await ben.say('Written in a tunnel')
    await ben.tick('Written in a tunnel', 'Sending').waitFor()
    await ben.context.setOffline(false)
    await ana.message('Written in a tunnel').waitFor()
    await ben.message('While you were away').waitFor()
    assert.equal(await ana.message('Written in a tunnel').count(), 1)
  })

  test('lose nothing when the server is killed and comes back', async () => {
    await ana.say('Before the crash')
    await ben.message('Before the crash').waitFor()
    await server.kill()
    await ana.say('During the crash')
    await ben.say('Me too')
    await ana.tick('During the crash', 'Sending').waitFor()
    await server.resume()
    for (const text of ['Before the crash', 'During the crash', 'Me too']) {
      for (const person of [ana, ben]) {
        await person.message(text).waitFor()
        assert.equal(await person.message(text).count(), 1, `${text} is there once`)
      }
    }
    await ana.tick('During the crash', 'Read').waitFor()
  })

  test('r28 lose nothing over a reload while the server is gone', async () => {
    await server.kill()
    await ana.say('Kept over a reload')
    await ana.tick('Kept over a reload', 'Sending').waitFor()
    const reloaded = ana.page.reload().catch(() => undefined)
    await server.resume()
    await reloaded
    await ana.page.goto(ana.page.url())
    await ben.message('Kept over a reload').waitFor()
    await ana.tick('Kept over a reload', 'Read').waitFor()
    assert.equal(await ben.message('Kept over a reload').count(), 1)
    assert.equal(await ana.message('Kept over a reload').count(), 1)
  })

  test('keep a draft for each conversation over a reload', async () => {
    await ana.page.getByRole('textbox', { name: 'Message' }).fill('Not finished')
    await ana.openConversation('lobby')
    await ana.page.reload()
    await ana.conversation('Ben Ionescu').getByText('Draft:').waitFor()
    await ana.openConversation('Ben Ionescu')
    assert.equal(await ana.page.getByRole('textbox', { name: 'Message' }).inputValue(), 'Not finished')
  })
})
