// Somebody at a browser.
import { chromium } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

export const PASSWORD = 'a password for tests'

/** A browser, with more of its switches where a test needs them. */
export function launch(...more) {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}

/** Keeps a page's requests for an address waiting, until what this gives is called. */
export async function hold(page, address) {
  let letGo
  const waiting = new Promise((resolve) => (letGo = resolve))
  await page.route(address, async (route) => {
    await waiting
    await route.continue()
  })
  return letGo
}

export class Person {
  /** A browser profile of its own, like another machine. */
  static async at(browser, server, options = {}) {
    const context = await browser.newContext({ baseURL: server.origin, viewport: { width: 1280, height: 800 }, ...options })
    // A busy machine is slower than a bound that a person would choose; a test that passes never waits for it.
    context.setDefaultTimeout(30_000)
    const person = new Person()
    person.context = context
    person.server = server
    person.faults = []
    person.page = await person.open('/')
    return person
  }

  /** Another tab of the same profile. What the page complains about is remembered. */
  async open(path) {
    const page = await this.context.newPage()
    page.on('pageerror', (error) => this.faults.push(String(error)))
    page.on('console', (message) => {
      const text = message.text()
      // A request that fails while the server is gone is expected, and the browser always says so.
      if (message.type() === 'error' && !text.startsWith('Failed to load resource') && !text.includes('WebSocket connection to')) {
        this.faults.push(text)
      }
    })
    await page.goto(path)
    return page
  }

  async setUp(username, name) {
    await this.page.goto(`/setup#token=${await this.server.setupToken()}`)
    await this.fillNewAccount(username, name)
    await this.page.getByRole('button', { name: 'Create administrator' }).click()
    await this.saveCodes()
    await this.skipPicture()
    await this.arrive()
  }

  async signUp(username, name) {
    await this.page.goto('/sign-up')
    await this.fillNewAccount(username, name)
    await this.page.getByRole('button', { name: 'Create account' }).click()
    await this.saveCodes()
    await this.skipPicture()
    await this.arrive()
  }

  async fillNewAccount(username, name) {
    await this.page.getByLabel('Username', { exact: true }).fill(username)
    await this.page.getByLabel('Display name').fill(name)
    await this.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await this.page.getByLabel('Confirm password').fill(PASSWORD)
  }

  /** The codes for a lost password, which a new account's owner is shown once. */
  async saveCodes() {
    const { page } = this
    const list = page.getByRole('list', { name: 'Recovery codes' })
    await list.waitFor()
    const codes = await list.getByRole('listitem').allInnerTexts()
    await page.getByRole('button', { name: 'I have saved them' }).click()
    return codes
  }

  /** The picture that a new account's owner is asked for. */
  async skipPicture() {
    await this.page.getByRole('button', { name: 'Not now' }).click()
  }

  async signIn(login, password = PASSWORD) {
    await this.page.goto('/sign-in')
    await this.page.getByLabel('Username, user ID or e-mail').fill(login)
    await this.page.getByLabel('Password', { exact: true }).fill(password)
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await this.arrive()
  }

  /** In the chat, with the conversations loaded. */
  async arrive() {
    await this.page.waitForURL('**/c')
    await this.conversation('lobby').waitFor()
  }

  conversation(name) {
    return this.page.getByRole('list', { name: 'Conversations' }).getByRole('link', { name })
  }

  async openConversation(name) {
    await this.conversation(name).click()
    await this.page.getByRole('textbox', { name: 'Message' }).waitFor()
  }

  /** Opens what is beside the open conversation, or closes it: by its button, or by the menu that has it on a phone. */
  async openPanel(name) {
    const button = this.page.getByRole('button', { name, exact: true })
    const more = this.page.getByRole('button', { name: 'More', exact: true })
    await button.or(more).first().waitFor()
    if (await button.count()) return await button.click()
    await more.click()
    await this.page.getByRole('menuitem', { name, exact: true }).click()
  }

  /** Opens the direct conversation with somebody by the dialog. */
  async writeTo(name) {
    await this.page.getByRole('button', { name: 'New', exact: true }).click()
    await this.page.getByRole('menuitem', { name: 'New message' }).click()
    await this.page.getByRole('dialog').getByLabel('Search people').fill(name)
    await this.page.getByRole('dialog').getByRole('button', { name }).click()
    await this.page.getByRole('textbox', { name: 'Message' }).waitFor()
  }

  async say(text) {
    await this.page.getByRole('textbox', { name: 'Message' }).fill(text)
    await this.page.keyboard.press('Enter')
  }

  /** The messages of the open conversation that have this text. */
  message(text) {
    return this.page.getByRole('region', { name: 'Messages' }).locator('[data-client-id]').filter({ hasText: text })
  }

  tick(text, state) {
    return this.message(text).getByRole('img', { name: state, exact: true })
  }
}
