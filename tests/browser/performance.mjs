// How the page feels in a long conversation: scrolling through it and typing below it, in a browser
// that says how long everything took. It is run by hand; docs/benchmarks.md tells how to read it.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(fileURLToPath(import.meta.url), '../../..')
process.env.PROGRAM ??= resolve(root, 'target/release/parlor')
// They read PROGRAM when they are loaded.
const { Member } = await import('./support/member.mjs')
const { Person, launch } = await import('./support/person.mjs')
const { Server } = await import('./support/server.mjs')

const MESSAGES = Number(process.env.MESSAGES ?? 100_000)
const AUTHORS = 8
const AT_ONCE = 64
const SPEED_PX_S = 3_000
const DISTANCE_PX = 60_000
const TYPED = 'The quick brown fox jumps over the lazy dog, and types :rocket: and @ana on the way. '.repeat(3)

/** What the generator of messages needs, and nothing that the page would notice. */
const SETTINGS = { PARLOR_LIMITS_COMMANDS_PER_SECOND: '10000', PARLOR_LIMITS_COMMAND_BURST: '10000' }

const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'disabled-by-default-devtools.timeline.frame', 'blink.user_timing']

/** Messages as people write them: most are short, some have a list, a link, or code. */
function textOf(n) {
  if (n % 50 === 0) return `Number ${n}:\n\`\`\`rust\nfn step(n: u32) -> u32 {\n    n + 1 // ${n}\n}\n\`\`\``
  if (n % 20 === 0) return `Number ${n}:\n- the **first** thing\n- the second, see https://example.org/${n}\n- _the third_`
  if (n % 5 === 0) return `Number ${n} is a message of some length that goes over a line or two on most screens, because somebody had more to say about it than the others did, and said so. `.repeat(2)
  return `Number ${n}, and no more than that.`
}

async function fill(people, group) {
  let next = 0
  const post = async (worker) => {
    while (next < MESSAGES) {
      const n = (next += 1)
      await people[(n + worker) % people.length].say(group, textOf(n))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, worker) => post(worker)))
}

/** Does something while the browser takes notes of it. `TRACES` names a folder to keep them in. */
async function traced(browser, page, name, act) {
  await page.evaluate(() => {
    window.frames_ = []
    const note = (at) => (window.frames_.push(at), (window.noting = requestAnimationFrame(note)))
    window.noting = requestAnimationFrame(note)
  })
  await browser.startTracing(page, { categories: CATEGORIES })
  await act()
  const frames = await page.evaluate(() => (cancelAnimationFrame(window.noting), window.frames_))
  const notes = await browser.stopTracing()
  if (process.env.TRACES) await writeFile(resolve(process.env.TRACES, `${name}.json`), notes)
  const { traceEvents } = JSON.parse(notes)
  const main = new Set(traceEvents.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}:${e.tid}`))
  const tasks = traceEvents.filter((e) => e.name === 'RunTask' && e.ph === 'X' && main.has(`${e.pid}:${e.tid}`)).map((e) => e.dur / 1000)
  return { frames, tasks }
}

function report(name, { frames, tasks }) {
  const gaps = frames.slice(1).map((at, i) => at - frames[i]).sort((a, b) => a - b)
  const seconds = (frames.at(-1) - frames[0]) / 1000
  const long = tasks.filter((ms) => ms > 50)
  console.log(`${name}: ${((frames.length - 1) / seconds).toFixed(1)} frames/s over ${seconds.toFixed(1)} s, ` +
    `99 % of frames within ${(gaps[Math.floor(gaps.length * 0.99)] ?? 0).toFixed(0)} ms; ` +
    `longest task ${Math.max(0, ...tasks).toFixed(1)} ms, ${long.length} above 50 ms`)
}

/** Scrolls as somebody with a wheel does who is looking for something. */
async function scroll(page, distance) {
  const box = await page.getByRole('region', { name: 'Messages' }).boundingBox()
  const session = await page.context().newCDPSession(page)
  await session.send('Input.synthesizeScrollGesture', {
    x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2), yDistance: distance, speed: SPEED_PX_S, gestureSourceType: 'mouse',
  })
  await session.detach()
}

/** Moves the mouse over one message after the other. */
async function point(page) {
  const box = await page.getByRole('region', { name: 'Messages' }).boundingBox()
  for (let n = 0; n < 60; n += 1) await page.mouse.move(box.x + 300, box.y + 20 + ((n * 37) % (box.height - 40)), { steps: 2 })
}

const shown = (page) => page.locator('[data-seq]').evaluateAll((rows) => [Number(rows[0].dataset.seq), Number(rows.at(-1).dataset.seq)])

async function main() {
  const server = await Server.start(SETTINGS)
  const browser = await launch()
  try {
    const ana = await Member.setUp(server, 'ana', 'Ana')
    const others = []
    for (let n = 1; n < AUTHORS; n += 1) others.push(await Member.register(server, `person${n}`, `Person ${n}`))
    const { id } = await ana.group('Long talks', others)
    const began = performance.now()
    await fill(others, id)
    console.log(`${MESSAGES} messages posted in ${((performance.now() - began) / 1000).toFixed(0)} s`)
    const { last_seq } = await ana.call('GET', `/conversations/${id}`)
    await ana.read(id, last_seq)

    const reader = await Person.at(browser, server, { serviceWorkers: 'block' })
    await reader.signIn('ana')
    const { page } = reader
    const clicked = performance.now()
    await reader.openConversation('Long talks')
    await page.locator(`[data-seq="${last_seq}"]`).waitFor()
    console.log(`opened at the end after ${(performance.now() - clicked).toFixed(0)} ms`)

    report('scrolling up', await traced(browser, page, 'up', () => scroll(page, DISTANCE_PX)))
    console.log(`  now at ${(await shown(page)).join(' to ')} of ${last_seq}`)
    report('scrolling down', await traced(browser, page, 'down', () => scroll(page, -DISTANCE_PX)))

    report('pointing at messages', await traced(browser, page, 'pointing', () => point(page)))

    const middle = Math.floor(last_seq / 2)
    const jumped = performance.now()
    await page.goto(`/c/${id}/m/${middle}`)
    await page.locator(`[data-seq="${middle}"]`).waitFor()
    console.log(`a link to the middle opened after ${(performance.now() - jumped).toFixed(0)} ms`)
    report('scrolling up from the middle', await traced(browser, page, 'middle', () => scroll(page, DISTANCE_PX)))

    await page.goto(`/c/${id}`)
    await page.locator(`[data-seq="${last_seq}"]`).waitFor()
    const box = page.getByRole('textbox', { name: 'Message' })
    await box.focus()
    report('typing', await traced(browser, page, 'typing', () => page.keyboard.type(TYPED, { delay: 30 })))
    if (reader.faults.length > 0) throw new Error(`the page complained: ${reader.faults.join('\n')}`)
  } finally {
    await browser.close()
    await server.stop()
  }
}

await main()
