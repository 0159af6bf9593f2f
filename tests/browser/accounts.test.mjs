// Signing up, in and out, in a real browser.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { PASSWORD, Person, launch } from './support/person.mjs'
import { colourOf, twoHalves } from './support/pictures.mjs'
import { Server } from './support/server.mjs'

let browser
let server

before(async () => {
  server = await Server.start()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('the first visitor is led to the setup and makes the admin with the token', async () => {
  const root = await Person.at(browser, server)
  await root.page.waitForURL('**/setup*')
  const { problems, sent } = await sendEmpty(root, '/setup', 'Create administrator')
  assert.deepEqual(problems.map(({ label, focused }) => [label, focused]), [
    ['Setup token', true], ['Username', false], ['Display name', false], ['Password', false],
  ])
  assert.deepEqual(sent, [])
  await root.setUp('root', 'Root')
  assert.deepEqual(root.faults, [])
  await root.context.close()
})

/** Sends a form with nothing in it: what its fields say, and what had the focus and was sent because of that. */
async function sendEmpty(person, path, button) {
  const { page } = person
  await page.goto(path)
  await page.getByRole('button', { name: button }).waitFor()
  const sent = []
  const listen = (request) => request.method() !== 'GET' && sent.push(request.url())
  page.on('request', listen)
  // Twice, because the focus has to be led back as often as the button is pressed.
  for (const _ of ['first', 'again']) {
    await page.getByRole('button', { name: button }).click()
    await page.locator('[aria-invalid]:focus').waitFor()
  }
  page.off('request', listen)
  const problems = await page.locator('[aria-invalid="true"]').evaluateAll((fields) =>
    fields.map((field) => ({
      label: field.labels[0].textContent,
      says: document.getElementById(field.getAttribute('aria-describedby')).textContent,
      focused: document.activeElement === field,
    })),
  )
  return { problems, sent }
}

test('a form with nothing in it says what is missing, leads there, and sends nothing', async () => {
  const eve = await Person.at(browser, server)
  const signIn = await sendEmpty(eve, '/sign-in', 'Sign in')
  assert.deepEqual(signIn.problems, [
    { label: 'Username, user ID or e-mail', says: 'Enter your username, user ID or e-mail address.', focused: true },
    { label: 'Password', says: 'Enter your password.', focused: false },
  ])
  const signUp = await sendEmpty(eve, '/sign-up', 'Create account')
  assert.deepEqual(signUp.problems, [
    { label: 'Username', says: 'Choose a username.', focused: true },
    { label: 'Display name', says: 'Enter the name others shall see.', focused: false },
  ])
  assert.deepEqual([...signIn.sent, ...signUp.sent], [])
  assert.deepEqual(eve.faults, [])
  await eve.context.close()
})

test('every field that is wrong is told at once, where it is', async () => {
  const eve = await Person.at(browser, server)
  await eve.page.goto('/sign-up')
  await eve.page.getByLabel('Username', { exact: true }).fill('e!')
  await eve.page.getByLabel('Password', { exact: true }).fill('short')
  await eve.page.getByLabel('Confirm password').fill('other')
  await eve.page.getByRole('button', { name: 'Create account' }).click()
  for (const [label, message] of [
    ['Username', 'Use 3 to 32'],
    ['Display name', 'Enter the name'],
    ['Confirm password', 'not the same'],
  ]) {
    const field = eve.page.getByLabel(label, { exact: true })
    assert.equal(await field.getAttribute('aria-invalid'), 'true', label)
    await eve.page.getByText(message).first().waitFor()
  }
  await eve.context.close()
})

test('a password that the server makes is shown once and works', async () => {
  const ana = await Person.at(browser, server)
  await ana.page.goto('/sign-up')
  await ana.page.getByLabel('Username', { exact: true }).fill('ana')
  await ana.page.getByLabel('Display name').fill('Ana Pop')
  await ana.page.getByRole('button', { name: 'Create account' }).click()
  await ana.page.getByText('Save your recovery codes').waitFor()
  const made = await ana.page.getByTestId('generated-password').innerText()
  assert.ok(made.length >= 20, made)
  assert.equal((await ana.saveCodes()).length, 10)
  await ana.skipPicture()
  await ana.arrive()

  const again = await Person.at(browser, server)
  await again.signIn('usr000002', made)
  await again.context.close()
  await ana.context.close()
})

test('a picture is added on the way in, by keys alone', async () => {
  const dana = await Person.at(browser, server, { bypassCSP: true })
  const { page } = dana
  await page.goto('/sign-up')
  await dana.fillNewAccount('dana', 'Dana Rus')
  await page.getByRole('button', { name: 'Create account' }).click()
  await dana.saveCodes()
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('heading', { name: 'Add a picture' }).waitFor()
  const choose = await page.locator('button').filter({ hasText: 'Choose a picture' }).elementHandle()
  await page.waitForFunction((button) => document.activeElement === button, choose)
  await page.keyboard.press('Enter')
  await (await choosing).setFiles(await twoHalves(page))
  await page.getByRole('dialog', { name: 'Your picture' }).getByRole('button', { name: 'Use this picture' }).click()
  await page.locator('img.face').waitFor()
  await assertAccessible(page, 'a picture at sign-up')
  await page.getByRole('button', { name: 'Go to the chat' }).click()
  await dana.arrive()
  const mine = page.getByRole('button', { name: /^Account and settings/ }).locator('img.face')
  const [red, , blue] = await colourOf(mine)
  assert.ok(red + blue > 200, `it is the one that was chosen: ${red} ${blue}`)
  assert.deepEqual(dana.faults, [])
  await dana.context.close()
})

test('a wrong password says nothing about whether the account exists', async () => {
  const eve = await Person.at(browser, server)
  for (const login of ['ana', 'nobody']) {
    await eve.page.goto('/sign-in')
    await eve.page.getByLabel('Username, user ID or e-mail').fill(login)
    await eve.page.getByLabel('Password', { exact: true }).fill('not the password')
    await eve.page.getByRole('button', { name: 'Sign in' }).click()
    await eve.page.getByText('The name or the password is not right.').waitFor()
  }
  await eve.context.close()
})

test('signing out leads to the sign-in page and another tab follows', async () => {
  const ben = await Person.at(browser, server)
  await ben.signUp('ben', 'Ben Ionescu')
  const other = await ben.open('/c')
  await other.getByRole('list', { name: 'Conversations' }).waitFor()
  await ben.page.getByRole('button', { name: /Account and settings/ }).click()
  await ben.page.getByRole('menuitem', { name: 'Sign out' }).click()
  await ben.page.getByRole('dialog').or(ben.page.getByRole('alertdialog')).getByRole('button', { name: 'Sign out' }).click()
  await ben.page.waitForURL(/\/sign-in/)
  await other.waitForURL(/\/sign-in/)
  await ben.signIn('ben', PASSWORD)
  await ben.context.close()
})

test('what is not signed in is led to the sign-in page and back to where it wanted to go', async () => {
  const ben = await Person.at(browser, server)
  await ben.signIn('ben')
  await ben.openConversation('lobby')
  const wanted = new URL(ben.page.url()).pathname
  await ben.context.clearCookies()
  await ben.page.goto(wanted)
  await ben.page.waitForURL(/\/sign-in/)
  await ben.page.getByLabel('Username, user ID or e-mail').fill('ben')
  await ben.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await ben.page.getByRole('button', { name: 'Sign in' }).click()
  await ben.page.waitForURL(`**${wanted}`)
  await ben.context.close()
})
