// While nothing may be written, people see that, read on, and lose nothing of what they write.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let admin

before(async () => {
  server = await Server.start()
  browser = await launch()
  admin = await Member.setUp(server, 'ana', 'Ana Pop')
  await Member.register(server, 'bob', 'Bob Ray')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('a banner comes and goes by itself, and what is written meanwhile is sent once', async () => {
  const bob = await Person.at(browser, server)
  await bob.signIn('bob')
  await bob.openConversation('lobby')
  await bob.say('before')
  await bob.tick('before', 'Sent').waitFor()
  const banner = bob.page.getByRole('status').filter({ hasText: 'Back at noon.' })
  const hint = bob.page.getByText('Nothing can be sent right now.')
  assert.equal(await hint.count(), 0)

  await server.run('maintenance', 'on', '--message', 'Back at noon.')
  await banner.waitFor()
  await hint.waitFor()
  await bob.say('meanwhile')
  await bob.say('and more')
  await bob.tick('meanwhile', 'Sending').waitFor()
  for (const colorScheme of ['light', 'dark']) {
    await bob.page.emulateMedia({ colorScheme })
    await assertAccessible(bob.page, `maintenance, ${colorScheme}`)
  }

  // A page that is loaded now says the same, and has what was written.
  await bob.page.reload()
  await banner.waitFor()
  await bob.message('before').waitFor()
  await bob.tick('meanwhile', 'Sending').waitFor()

  await server.run('maintenance', 'off')
  await banner.waitFor({ state: 'detached' })
  await hint.waitFor({ state: 'detached' })
  await bob.tick('meanwhile', 'Sent').waitFor()
  await bob.tick('and more', 'Sent').waitFor()
  const { items } = await admin.call('GET', `/conversations/${await admin.lobby()}/messages?limit=10`)
  const bodies = items.map((item) => item.message?.body).filter(Boolean)
  assert.deepEqual(bodies.sort(), ['and more', 'before', 'meanwhile'])
  assert.deepEqual(bob.faults, [])
})

test('a long message leaves room to read on the smallest phone, and who is signed out is told, too', async () => {
  const bob = await Person.at(browser, server, { viewport: { width: 320, height: 568 } })
  await bob.signIn('bob')
  await bob.openConversation('lobby')
  const guest = await Person.at(browser, server, { viewport: { width: 320, height: 568 } })
  await server.run('maintenance', 'on', '--message', 'We are moving to another machine. '.repeat(14).trim())
  const banner = bob.page.getByRole('status').filter({ hasText: 'We are moving' })
  await banner.waitFor()
  assert.ok((await banner.boundingBox()).height < 568 / 3)
  assert.ok((await bob.page.getByRole('region', { name: 'Messages' }).boundingBox()).height > 568 / 4)
  await assertAccessible(bob.page, 'maintenance on a phone')

  await guest.page.goto('/sign-in')
  await guest.page.getByRole('alert').filter({ hasText: 'We are moving' }).waitFor()
  await assertAccessible(guest.page, 'signing in during maintenance')
  for (const page of [bob.page, guest.page]) {
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
  }
  await server.run('maintenance', 'off')
  await banner.waitFor({ state: 'detached' })
})
