// Nothing that people write becomes markup or code on another one's page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Member } from './support/member.mjs'
import { Person, launch } from './support/person.mjs'
import { Server } from './support/server.mjs'

const PAYLOADS = [
  '<script>alert(1)</script>',
  '<ScRiPt src="//example.org/x.js"></sCrIpT>',
  '"><script>alert(1)</script>',
  "'\"--></style></script><script>alert(1)</script>",
  '<img src=x onerror=alert(1)>',
  '<img src=x onerror="alert`1`" />',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>parent.alert(1)</script>">',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="javascript:alert(1)">',
  '<body onload=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<video><source onerror="alert(1)"></video>',
  '<marquee onstart=alert(1)>',
  '<base href="https://example.org/">',
  '<meta http-equiv="refresh" content="0;url=https://example.org">',
  '<link rel="stylesheet" href="https://example.org/x.css">',
  '<form action="javascript:alert(1)"><button>Go</button></form>',
  '<a href="javascript:alert(1)">press me</a>',
  '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '[press me](javascript:alert(1))',
  '[press me](JaVaScRiPt:alert(1))',
  '[press me](java\tscript:alert(1))',
  '[press me](javascript&colon;alert(1))',
  '[press me](&#106;avascript:alert(1))',
  '[press me](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[press me](vbscript:msgbox(1))',
  '[press me](https://example.org "onmouseover=alert(1)")',
  '[press me](<https://example.org/"onclick="alert(1)>)',
  '![picture](https://example.org/track.png)',
  '![picture](x" onerror="alert(1))',
  '<javascript:alert(1)>',
  'https://example.org/"onmouseover="alert(1)',
  '```"><script>alert(1)</script>\n<script>alert(1)</script>\n```',
  '`<img src=x onerror=alert(1)>`',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)} #{alert(1)} <%= alert(1) %>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\u202e<script>alert(1)</script>\u202c',
  '[x]: javascript:alert(1)\n\n[x]',
]

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

/** What must not come from people's text: markup of their own, handlers, and addresses that run. */
function findStrange() {
  const strange = []
  const own = new Set(['/icon.svg', '/theme.js'])
  for (const element of document.querySelectorAll('*')) {
    const src = element.getAttribute('src') ?? ''
    const isOwn = own.has(src) || src.startsWith('/assets/')
    if (element.matches('script, img, iframe, object, embed, video, audio, source, base, form[action], marquee, details, math, template')) {
      if (!isOwn) strange.push(element.outerHTML.slice(0, 200))
    }
    if (element.matches('meta[http-equiv], link[href*="example.org"], svg script, svg animate')) strange.push(element.outerHTML.slice(0, 200))
    for (const { name, value } of element.attributes) {
      const runs = /^[\s\u0000-\u001f]*(javascript|vbscript|data):/i.test(value)
      if (name.startsWith('on') || (runs && ['href', 'src', 'action', 'formaction', 'data', 'xlink:href'].includes(name))) {
        strange.push(`${element.tagName} ${name}=${value}`)
      }
    }
    if (element.matches('.message-text a') && !/^(https?|mailto):/.test(element.href)) strange.push(element.outerHTML)
  }
  return strange
}

test('t13 text, names and descriptions are shown as they were written, and never run', async () => {
  const admin = await Member.setUp(server, 'root', 'Root')
  const reader = await Member.register(server, 'reader', 'Reader')
  const eve = await Member.register(server, 'eve', 'Eve')
  const lobby = await admin.lobby()

  // As a name, a payload is cut to what a name may be.
  const oneLine = (text, length) => text.replace(/[\s\u0000-\u001f\u202a-\u202e]+/g, ' ').slice(0, length).trim()
  for (const payload of PAYLOADS) await eve.say(lobby, payload)
  for (const [i, payload] of PAYLOADS.entries()) {
    const group = { visibility: 'public', description: payload.slice(0, 1_000) }
    await eve.group(oneLine(payload, 120), i % 2 ? [reader] : [], group)
  }
  for (const [i, payload] of PAYLOADS.slice(0, 12).entries()) {
    const other = await Member.register(server, `other${i}`, oneLine(payload, 64))
    await other.say(await other.direct(reader), payload)
    await other.say(lobby, 'Look at my name')
  }
  await eve.call('PATCH', '/users/me', { name: '<img src=x onerror=alert(1)>', about: PAYLOADS[0] })

  const person = await Person.at(browser, server)
  const { page } = person
  const dialogs = []
  const requests = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(server.origin) && !request.url().startsWith('data:')) requests.push(request.url())
  })
  await page.addInitScript(() => {
    window.violations = []
    document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`))
  })

  async function check(screen) {
    assert.deepEqual(await page.evaluate(findStrange), [], screen)
    assert.deepEqual(await page.evaluate(() => window.violations), [], `${screen}: the policy had to step in`)
    assert.deepEqual(dialogs, [], screen)
    assert.deepEqual(requests, [], screen)
    assert.deepEqual(person.faults, [], screen)
  }

  await person.signIn('reader')
  await check('the conversations')
  await person.openConversation('lobby')
  await person.message(PAYLOADS[0]).first().waitFor()
  for (const text of ['<script>alert(1)</script>', '{{constructor.constructor("alert(1)")()}}']) {
    await person.message(text).first().waitFor({ state: 'attached' })
  }
  await page.getByRole('region', { name: 'Messages' }).evaluate((scroller) => scroller.scrollTo(0, 0))
  await person.message(PAYLOADS[0]).first().waitFor()
  await check('the messages')
  await page.getByRole('button', { name: 'Members' }).click()
  await page.getByRole('list', { name: 'Members' }).getByText('onerror=alert(1)').first().waitFor()
  await check('the members')
  for (const [item, list] of [['New message', 'People'], ['Browse rooms', 'Rooms']]) {
    await page.getByRole('button', { name: 'New', exact: true }).click()
    await page.getByRole('menuitem', { name: item }).click()
    await page.getByRole('dialog').getByRole('list', { name: list }).getByText('alert(1)').first().waitFor()
    await check(item)
    await page.keyboard.press('Escape')
  }
  // A group whose name and description are payloads, with its system lines.
  await page.getByRole('searchbox', { name: 'Search conversations' }).fill('<embed')
  await page.getByRole('list', { name: 'Conversations' }).getByRole('link').first().click()
  await page.getByText('<img src=x onerror=alert(1)> added Reader').waitFor()
  await check('a group')
  await page.reload()
  await page.getByText('<img src=x onerror=alert(1)> added Reader').waitFor()
  await check('a group after a reload')
  await person.context.close()
})
