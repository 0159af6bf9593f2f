// Who may make an account, and coming in through an invitation.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Member } from './support/member.mjs'
import { PASSWORD, Person, hold, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let admin

before(async () => {
  server = await Server.start()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

test('the setup asks who may make an account', async () => {
  const root = await Person.at(browser, server)
  await root.page.goto(`/setup#token=${await server.setupToken()}`)
  await root.fillNewAccount('root', 'Root')
  assert.equal(await root.page.getByRole('radio', { name: 'Everybody' }).isChecked(), true)
  await root.page.getByRole('radio', { name: 'Whoever was invited' }).check()
  await root.page.getByRole('button', { name: 'Create administrator' }).click()
  await root.saveCodes()
  await root.skipPicture()
  await root.arrive()
  assert.deepEqual(root.faults, [])
  await root.context.close()
  const signedIn = await server.api('POST', '/auth/login', { body: { login: 'root', password: PASSWORD } })
  admin = new Member(server, signedIn)
})

test('without an invitation one is told where to get one, and with one there is an account', async () => {
  const ana = await Person.at(browser, server)
  const { page } = ana
  await page.goto('/sign-up')
  await page.getByRole('heading', { name: 'You need an invitation' }).waitFor()
  assert.equal(await page.getByLabel('Username', { exact: true }).count(), 0)

  const { url } = await admin.call('POST', '/admin/invites', { email: 'ana@example.org' })
  await page.goto(url)
  await page.getByText('You were invited to this server.').waitFor()
  assert.equal(new URL(page.url()).hash, '', 'the token leaves the address bar')
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'ana@example.org')
  await ana.fillNewAccount('ana', 'Ana')
  await page.getByLabel('E-mail').fill('other@example.org')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.locator('[aria-invalid="true"]').waitFor()
  await page.getByLabel('E-mail').fill('ana@example.org')
  await page.getByRole('button', { name: 'Create account' }).click()
  await ana.saveCodes()
  await ana.skipPicture()
  await ana.arrive()
  assert.deepEqual(ana.faults, [])
  await ana.context.close()

  const late = await Person.at(browser, server)
  await late.page.goto(url)
  await late.page.getByRole('alert').filter({ hasText: 'This invitation is not, or no longer, valid.' }).waitFor()
  assert.deepEqual(late.faults, [])
  await late.context.close()
})

test('an invitation of an administrator says so', async () => {
  const { url } = await admin.call('POST', '/admin/invites', { role: 'admin' })
  const eve = await Person.at(browser, server)
  await eve.page.goto(url)
  await eve.page.getByRole('heading', { name: "Create an administrator's account" }).waitFor()
  await eve.fillNewAccount('eve', 'Eve')
  await eve.page.getByRole('button', { name: 'Create account' }).click()
  await eve.saveCodes()
  await eve.skipPicture()
  await eve.arrive()
  const { items } = await admin.call('GET', '/admin/invites')
  assert.deepEqual(items.map(({ role, uses, valid }) => [role, uses, valid]), [['admin', 1, false], ['user', 1, false]])
  assert.deepEqual(eve.faults, [])
  await eve.context.close()
})

test('an administrator makes a link in the panel, sees who used it, and takes it back', async () => {
  const root = await Person.at(browser, server)
  await root.signIn('root')
  const { page } = root
  await page.goto('/admin/invites')
  await page.getByRole('button', { name: 'Invite people' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^For/).selectOption({ label: 'Everybody' })
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const url = await dialog.getByLabel('Invite link').inputValue()
  assert.match(url, /\/sign-up#invite=/)
  await dialog.getByRole('button', { name: 'Copy' }).waitFor()
  await page.keyboard.press('Escape')
  await Member.register(server, 'ben', 'Ben', { invite: url.split('#invite=')[1] })
  await page.reload()
  const row = page.getByRole('list', { name: 'Invitations' }).getByRole('listitem').first()
  await row.getByText('Used by @ben').waitFor()
  await row.getByRole('button', { name: /Revoke/ }).click()
  await row.getByText('Revoked', { exact: true }).waitFor()
  await assert.rejects(Member.register(server, 'cid', 'Cid', { invite: url.split('#invite=')[1] }), /invalid_invite/)
  assert.deepEqual(root.faults, [])
  await root.context.close()
})

test('an administrator opens sign-up to everybody in the panel', async () => {
  const root = await Person.at(browser, server)
  await root.signIn('root')
  const { page } = root
  await page.goto('/admin/settings')
  assert.equal(await page.getByRole('radio', { name: 'Whoever was invited' }).isChecked(), true)
  await page.getByRole('radio', { name: 'Everybody' }).check()
  await page.getByText('Saved.').waitFor()
  await page.reload()
  await page.getByRole('radio', { name: 'Everybody', checked: true }).waitFor()
  const cid = await Person.at(browser, server)
  await cid.signUp('cid', 'Cid')
  assert.deepEqual([...root.faults, ...cid.faults], [])
  await root.context.close()
  await cid.context.close()
})

test('a link that is opened in a tab where the page is, or still starts, works like any other', async () => {
  const eva = await Person.at(browser, server)
  const { page } = eva
  const emails = ['early@example.org', 'late@example.org']
  const links = []
  for (const email of emails) links.push((await admin.call('POST', '/admin/invites', { email })).url)
  const goOn = await hold(page, '**/api/v1/users/me')
  const asked = page.waitForRequest('**/api/v1/users/me')
  await page.goto('/sign-up')
  await asked
  await page.goto(links[0])
  goOn()
  for (const [at, email] of [...emails, emails[0]].entries()) {
    if (at > 0) await page.goto(links[at % 2])
    await page.waitForFunction((email) => document.querySelector('[type=email]')?.value === email, email)
    await page.waitForFunction(() => location.hash === '')
  }
  assert.deepEqual(eva.faults, [])
  await eva.context.close()
})

test('what was written before an invitation is looked up stays', async () => {
  const fay = await Person.at(browser, server)
  const { page } = fay
  const { url } = await admin.call('POST', '/admin/invites', { email: 'fay@example.org' })
  const letGo = await hold(page, '**/api/v1/invites/lookup')
  await page.goto(url)
  await fay.fillNewAccount('fay', 'Fay')
  letGo()
  await page.getByText('You were invited to this server.').waitFor()
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'fay@example.org')
  await page.getByRole('button', { name: 'Create account' }).click()
  await fay.saveCodes()
  await fay.context.close()
})
