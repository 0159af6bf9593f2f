// Being told while the page is closed, in a real browser. Only the way through its maker's push
// service is played: the tests' browser has none.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { PushService, Worker } from './support/push.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let service
let ana
let cleo
let direct
let worker

const how = { bypassCSP: true, reducedMotion: 'reduce' }

before(async () => {
  server = await Server.start({ PARLOR_PUSH_ALLOW_LOCAL_SERVICES: 'true' })
  service = await PushService.start()
  browser = await launch()
  ana = await Person.at(browser, server, how)
  await ana.context.grantPermissions(['notifications'], { origin: server.origin })
  await service.serve(ana.context)
  await ana.page.reload()
  await ana.setUp('ana', 'Ana Pop')
  cleo = await Member.register(server, 'cleo', 'Cleo Marin')
  const people = (await cleo.call('GET', '/users')).items
  direct = await cleo.direct(people.find((user) => user.username === 'ana'))
  worker = await Worker.of(ana.page)
})

after(async () => {
  await browser?.close()
  service?.stop()
  await server?.stop()
})

const dialog = ({ page }) => page.getByRole('dialog', { name: 'Notification settings' })
const toggle = (person) => dialog(person).getByRole('switch', { name: 'Also when Parlor is closed' })

async function settings({ page }) {
  await page.getByRole('button', { name: /^Account and settings/ }).click()
  await page.getByRole('menuitem', { name: 'Notification settings' }).click()
}

test('it is switched on for this device', async () => {
  await settings(ana)
  await dialog(ana).getByText('For as long as you stay signed in').waitFor()
  assert.equal(await toggle(ana).isChecked(), false)
  await ana.page.waitForFunction(() => !document.querySelector('[role=switch]').disabled)
  await toggle(ana).check()
  for (const colorScheme of ['light', 'dark']) {
    await ana.page.emulateMedia({ colorScheme })
    await assertAccessible(ana.page, `push is on (${colorScheme})`, colorScheme === 'dark' ? ['color-contrast'] : undefined)
  }
  await ana.page.emulateMedia({ colorScheme: 'light' })
  await dialog(ana).getByRole('button', { name: 'Save' }).click()
  await ana.page.reload()
  await ana.conversation('lobby').waitFor()
  await settings(ana)
  await ana.page.waitForFunction(() => document.querySelector('[role=switch]')?.checked)
})

test('what comes while the page is closed is shown, and a click leads there', async () => {
  await ana.page.goto('about:blank')
  await cleo.say(direct, 'Psst, Ana')
  await worker.push(await service.text(1))
  const shown = await worker.wait(() => true)
  assert.deepEqual(shown, { title: 'Cleo Marin', body: 'Psst, Ana', tag: direct, path: `/c/${direct}/m/1` })
  // The next one takes its place.
  await cleo.say(direct, 'Are you there?')
  await worker.push(await service.text(2))
  await worker.wait(({ body }) => body === 'Are you there?')
  assert.equal((await worker.shown()).length, 1)
  await ana.page.goto('/c')
  await ana.conversation('Cleo Marin').waitFor()
  await worker.click()
  await ana.page.waitForURL(`**/c/${direct}/m/2`)
  // Who is led to a message begins at it. The composer has the focus before, for as long as the message is fetched.
  await ana.page.locator('[data-seq="2"]:focus').waitFor()
  assert.deepEqual(await worker.shown(), [])
})

test('hidden texts are not even sent, and the words are those of the page', async () => {
  await settings(ana)
  await dialog(ana).getByLabel(/^Show what was written/).uncheck()
  await dialog(ana).getByRole('button', { name: 'Save' }).click()
  await dialog(ana).waitFor({ state: 'hidden' })
  await ana.page.evaluate(() => localStorage.setItem('parlor.language', 'ro'))
  await ana.page.reload()
  await ana.page.getByText('Cleo Marin').first().waitFor()
  await ana.page.goto('about:blank')
  await cleo.say(direct, 'a secret')
  const text = await service.text(3)
  assert.ok(!/secret|Cleo/.test(text), text)
  await worker.push(text)
  const shown = await worker.wait(() => true)
  assert.deepEqual([shown.title, shown.body, shown.path], ['Mesaj nou', '', `/c/${direct}/m/3`])
  await ana.page.goto('/c')
  await ana.page.evaluate(() => localStorage.removeItem('parlor.language'))
  await ana.page.reload()
})

test('it goes with signing out', async () => {
  await ana.page.getByRole('button', { name: /^Account and settings/ }).click()
  await ana.page.getByRole('menuitem', { name: 'Sign out' }).click()
  await ana.page.getByRole('dialog', { name: 'Sign out of this device?' }).getByRole('button', { name: 'Sign out' }).click()
  await ana.page.waitForURL('**/sign-in**')
  await ana.page.waitForFunction(() => !localStorage.getItem('test.subscribed'))
  // Who signs in again wanted it.
  await ana.signIn('ana')
  await ana.page.waitForFunction(() => localStorage.getItem('test.subscribed'))
  await settings(ana)
  await ana.page.waitForFunction(() => document.querySelector('[role=switch]')?.checked)
  await toggle(ana).uncheck()
  await ana.page.waitForFunction(() => !localStorage.getItem('test.subscribed'))
  assert.deepEqual(ana.faults, [])
})

test('a browser that cannot says why', async () => {
  const ben = await Person.at(browser, server, how)
  await ben.signUp('ben', 'Ben Ionescu')
  await ben.page.evaluate(() => navigator.serviceWorker.ready)
  await settings(ben)
  await toggle(ben).and(ben.page.locator(':enabled')).waitFor()
  // Nobody is there to allow it.
  await toggle(ben).click()
  await toggle(ben).and(ben.page.locator(':disabled')).waitFor()
  await dialog(ben).getByText('The browser does not let this page show notifications').last().waitFor()
  await dialog(ben).getByRole('button', { name: 'Cancel' }).click()
  // Allowed, but without a push service.
  await ben.context.grantPermissions(['notifications'], { origin: server.origin })
  await ben.page.reload()
  await ben.conversation('lobby').waitFor()
  await settings(ben)
  await toggle(ben).and(ben.page.locator(':enabled')).waitFor()
  await toggle(ben).click()
  await ben.page.getByText('The browser’s push service did not answer').waitFor()
  assert.equal(await toggle(ben).isChecked(), false)
})

test('a server that does not push says so', async () => {
  const silent = await Server.start({ PARLOR_PUSH_ENABLED: 'false' })
  try {
    const dora = await Person.at(browser, silent, how)
    await dora.context.grantPermissions(['notifications'], { origin: silent.origin })
    await dora.setUp('dora', 'Dora Stan')
    await dora.page.evaluate(() => navigator.serviceWorker.ready)
    await settings(dora)
    await dialog(dora).getByText('Whoever runs this server has switched this off').waitFor()
    assert.ok(await toggle(dora).isDisabled())
  } finally {
    await silent.stop()
  }
})
