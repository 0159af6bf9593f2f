// Admins look after public groups, as plain members and from outside; archived rooms are listed apart.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { assertAccessible } from './support/axe.mjs'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

let browser
let server
let root
let ben
let cleo

before(async () => {
  server = await Server.start()
  browser = await launch()
  const admin = await Member.setUp(server, 'root', 'Root Admin')
  ben = await Member.register(server, 'ben', 'Ben Ionescu')
  cleo = await Member.register(server, 'cleo', 'Cleo Marin')
  await ben.group('Running', [admin, cleo], { visibility: 'public' })
  const chess = await ben.group('Chess', [cleo], { visibility: 'public', description: 'Every Tuesday' })
  await ben.call('PATCH', `/groups/${chess.id}`, { archived: true })
  root = await Person.at(browser, server, { bypassCSP: true, reducedMotion: 'reduce' })
  await root.signIn('root')
})

after(async () => {
  await browser?.close()
  await server?.stop()
})

afterEach(() => assert.deepEqual(root.faults, [], 'the page complained'))

const room = (person, name) => person.page.getByRole('list', { name: 'Rooms' }).getByRole('listitem').filter({ hasText: name })

async function browse(person) {
  await person.page.getByRole('button', { name: 'New', exact: true }).click()
  await person.page.getByRole('menuitem', { name: 'Browse rooms' }).click()
  await room(person, 'Running').waitFor()
}

test('an admin who is a plain member mutes, changes and renames as an owner would', async () => {
  await root.openConversation('Running')
  await root.page.getByRole('button', { name: 'Members', exact: true }).click()
  await root.page.getByRole('button', { name: 'Manage Ben Ionescu' }).waitFor()
  await root.page.getByRole('button', { name: 'Manage Cleo Marin' }).click()
  const dialog = root.page.getByRole('dialog', { name: 'Manage Cleo Marin' })
  await dialog.getByRole('radio', { name: /^Owner/ }).check()
  assert.equal(await dialog.getByRole('checkbox').count(), 0, 'there is nothing to hand over')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await root.page.getByText('Root Admin made Cleo Marin an owner').waitFor()
  await root.page.getByRole('button', { name: 'Edit group' }).click()
  await root.page.getByRole('dialog').getByLabel('Group name').fill('Morning running')
  await root.page.getByRole('dialog').getByRole('checkbox', { name: /^Announcements only/ }).check()
  await root.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await root.page.getByRole('heading', { name: 'Morning running' }).waitFor()
  await root.say('Admins write here all the same')
  await root.tick('Admins write here all the same', 'Sent').waitFor()
})

test('archived rooms are listed apart, found by name, and open only for their members', async () => {
  const member = await Person.at(browser, server)
  await member.signIn('cleo')
  await browse(member)
  assert.equal(await room(member, 'Chess').count(), 0)
  await member.page.getByRole('checkbox', { name: /^Archived rooms/ }).check()
  await room(member, '2 members · Every Tuesday').waitFor()
  await member.page.getByLabel('Search rooms').fill('nothing')
  await member.page.getByText('No archived rooms found').waitFor()
  await member.page.getByLabel('Search rooms').fill('che')
  assert.equal(await member.page.getByRole('button', { name: 'Bring Chess back' }).count(), 0)
  await member.page.getByRole('button', { name: 'Open Chess' }).click()
  await member.page.getByText('This group is archived.').waitFor()
  assert.deepEqual(member.faults, [])
  await member.context.close()
})

test('an admin brings one back without being in it', async () => {
  await browse(root)
  await root.page.getByRole('checkbox', { name: /^Archived rooms/ }).check()
  await room(root, 'Chess').waitFor()
  assert.equal(await room(root, 'Chess').getByRole('button', { name: /Join|Open/ }).count(), 0)
  for (const colorScheme of ['light', 'dark']) {
    await root.page.emulateMedia({ colorScheme })
    await assertAccessible(root.page, `archived rooms (${colorScheme})`)
  }
  await root.page.getByRole('button', { name: 'Bring Chess back' }).click()
  await root.page.getByText('No archived rooms found').waitFor()
  await root.page.getByRole('checkbox', { name: /^Archived rooms/ }).uncheck()
  await root.page.getByRole('button', { name: 'Join Chess' }).waitFor()
})
