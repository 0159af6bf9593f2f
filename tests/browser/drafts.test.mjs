// What somebody wrote and has not sent yet is on all their devices.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let desk
let phone

before(async () => {
  server = await Server.start()
  browser = await launch()
  const admin = await Member.setUp(server, 'ana', 'Ana Pop')
  const ben = await Member.register(server, 'ben', 'Ben Ionescu')
  await admin.group('Kitchen', [ben])
  desk = await Person.at(browser, server)
  phone = await Person.at(browser, server)
  for (const person of [desk, phone]) await person.signIn('ana')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => {
  for (const person of [desk, phone]) assert.deepEqual(person.faults, [], 'the page complained')
})

const composer = (person) => person.page.getByRole('textbox', { name: 'Message', exact: true })
/** Waits until the composer has this text. */
const says = (person, text) => person.page.waitForFunction((text) => document.querySelector('textarea')?.value === text, text)

describe('a draft', () => {
  test('is there on another device, and goes when it was sent', async () => {
    await desk.openConversation('Kitchen')
    await composer(desk).fill('Soup at se')
    await phone.conversation('Kitchen').getByText('Soup at se').waitFor()
    await phone.openConversation('Kitchen')
    await says(phone, 'Soup at se')
    await composer(phone).fill('Soup at seven')
    await says(desk, 'Soup at seven')
    await composer(phone).press('Enter')
    await desk.message('Soup at seven').waitFor()
    await says(desk, '')
    await says(phone, '')
  })

  test('that was written without a connection is kept over a reload and reaches the other device', async () => {
    await desk.page.context().setOffline(true)
    await composer(desk).fill('Bread, too')
    await desk.page.context().setOffline(false)
    await desk.page.reload()
    await says(desk, 'Bread, too')
    await says(phone, 'Bread, too')
    await composer(desk).fill('')
    await says(phone, '')
  })
})
