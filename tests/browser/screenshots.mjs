// Makes the pictures of the documentation: a small conversation, in both themes, on a desk and on a phone.
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(fileURLToPath(import.meta.url), '../../..')
process.env.PROGRAM ??= resolve(root, 'target/release/parlor')
// They read PROGRAM when they are loaded.
const { Member } = await import('./support/member.mjs')
const { Person, launch } = await import('./support/person.mjs')
const { Server } = await import('./support/server.mjs')

const folder = resolve(root, 'docs/images')
const DESK = { viewport: { width: 1280, height: 800 } }
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
const MINUTE = 60_000

/** When the last message came, whatever the time of day the pictures are made. */
const END = new Date().setHours(18, 42, 0, 0)

/** Who says what, where, and how many minutes before the end. */
const STORY = [
  ['book', 'mihai', 'I finished the third chapter last night. No spoilers, promised.', 1500],
  ['book', 'ioana', 'Then I have until Thursday to catch up 📚', 1490],
  ['lobby', 'elena', 'The projector is back in the big room.', 260],
  ['lobby', 'ben', 'Thank you!', 255],
  ['ioana', 'ioana', 'Could you send me the list once more?', 95],
  ['ioana', 'ana', 'Of course, in a minute.', 93],
  ['mihai', 'mihai', 'The blue one fits. See you on Saturday.', 70],
  ['hike', 'ana', 'Is anybody free on Saturday? The weather looks good until the evening.', 58],
  ['hike', 'ben', 'I am! Where to?', 56],
  ['hike', 'ioana', 'Me too, after nine.', 55],
  ['hike', 'ana', 'How about the ridge above the lake:\n\n1. the early train, **8:12**\n2. up through the beech forest\n3. lunch at the hut', 49],
  ['hike', 'ana', 'About 14 km, mostly in the shade.', 49],
  ['hike', 'mihai', 'Count me in. I can bring the map and a stove.', 31],
  ['hike', 'mihai', '🥾', 31],
  ['hike', 'ben', 'Is the upper path open again? Last year it was closed until `1 June`.', 24],
  ['hike', 'elena', 'It is. I walked it last week, and it is as beautiful as ever.', 12],
  ['hike', 'ana', 'Wonderful. Then we meet at the station at eight!', 4],
]

async function tell(server) {
  const people = { ana: await Member.setUp(server, 'ana', 'Ana') }
  for (const name of ['Ben', 'Ioana', 'Mihai', 'Elena']) {
    people[name.toLowerCase()] = await Member.register(server, name.toLowerCase(), name)
  }
  const { ana, ben, ioana, mihai, elena } = people
  const places = {
    lobby: await ana.lobby(),
    book: (await ana.group('Book club', [ioana, mihai], { description: 'One book a month' })).id,
    ioana: await ana.direct(ioana),
    mihai: await ana.direct(mihai),
    hike: (await ana.group('Weekend hikes', [ben, ioana, mihai, elena], { description: 'Where we go next' })).id,
  }
  const told = new Map()
  for (const [place, person, text, ago] of STORY) {
    const { message_id } = await people[person].say(places[place], text)
    told.set(message_id, new Date(END - ago * MINUTE).toISOString())
  }
  // All is read but what came last in two places.
  for (const place of ['lobby', 'ioana', 'hike']) {
    const { last_seq } = await ana.call('GET', `/conversations/${places[place]}`)
    await ana.read(places[place], last_seq)
  }
  return { places, told }
}

/** Lets a page see the story as if it had taken its time. */
async function backdate(context, told) {
  const earliest = new Date(END - 2000 * MINUTE).toISOString()
  const dated = (text) =>
    JSON.stringify(JSON.parse(text), (_, value) => {
      if (!value?.created_at || !('seq' in value)) return value
      return { ...value, created_at: told.get(value.message?.id) ?? earliest }
    })
  await context.route('**/api/v1/conversations/*/messages*', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: dated(await response.text()) })
  })
  await context.routeWebSocket('**/api/v1/realtime', (page) => {
    const server = page.connectToServer()
    server.onMessage((frame) => page.send(dated(frame)))
  })
}

async function signIn(browser, server, told, login, options) {
  const person = await Person.at(browser, server, { reducedMotion: 'reduce', serviceWorkers: 'block', locale: 'en-GB', ...options })
  await backdate(person.context, told)
  await person.signIn(login)
  return person
}

async function main() {
  await mkdir(folder, { recursive: true })
  const server = await Server.start()
  const browser = await launch()
  try {
    const guest = await Person.at(browser, server, DESK)
    await guest.page.getByRole('button', { name: 'Create administrator' }).waitFor()
    await guest.page.screenshot({ path: resolve(folder, 'setup.png') })
    await guest.context.close()

    const { told, places } = await tell(server)
    const others = []
    for (const login of ['ben', 'ioana']) others.push(await signIn(browser, server, told, login, DESK))
    for (const [name, options] of [
      ['chat-light', { ...DESK, colorScheme: 'light' }],
      ['chat-dark', { ...DESK, colorScheme: 'dark' }],
      ['chat-phone', { ...PHONE, colorScheme: 'light' }],
    ]) {
      const ana = await signIn(browser, server, told, 'ana', options)
      await ana.page.goto(`/c/${places.hike}`)
      await ana.message('Wonderful').waitFor()
      await ana.page.evaluate(() => document.fonts.ready)
      await ana.page.screenshot({ path: resolve(folder, `${name}.png`) })
      await ana.context.close()
    }
  } finally {
    await browser.close()
    await server.stop()
  }
}

await main()
