// The real program, on a free port, with a data folder of its own.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Schema } from './schema.mjs'

const program = resolve(process.env.PROGRAM ?? '../../target/debug/parlor')

/** Cheap hashes, and limits out of the way of tests that are about something else. */
const SETTINGS = {
  PARLOR_ACCOUNTS_ARGON2_MEMORY_KIB: '8192',
  PARLOR_LIMITS_MESSAGES_PER_SECOND: '10000',
  PARLOR_LIMITS_MESSAGE_BURST: '10000',
  PARLOR_LIMITS_SIGN_INS_PER_IP: '100000',
  PARLOR_LIMITS_REGISTRATIONS_PER_HOUR_PER_IP: '100000',
  PARLOR_LIMITS_RECOVERY_BURST: '1000',
  PARLOR_LIMITS_RECOVERIES_PER_HOUR_PER_IP: '100000',
  PARLOR_LIMITS_GROUP_CREATES_PER_HOUR: '100000',
  PARLOR_LIMITS_INVITE_LINKS_PER_DAY: '100000',
}

export class Server {
  /** `settings` are variables of the environment beside those of every test. */
  static async start(settings = {}) {
    const server = new Server()
    server.settings = settings
    server.folder = await mkdtemp(join(tmpdir(), 'parlor-browser-'))
    // A port of the system's choice, which it keeps over a restart for the page's sake.
    server.address = '127.0.0.1:0'
    server.schema = await Schema.fresh()
    await server.resume()
    server.origin = `http://${server.address}`
    return server
  }

  /** Starts the program on the data there is, and waits until it is ready. */
  async resume() {
    this.process = spawn(program, ['serve', '--data-dir', this.folder, '--listen', this.address], {
      env: { ...this.variables(), ...SETTINGS, ...this.settings },
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    this.ended = once(this.process, 'exit')
    this.log = []
    await new Promise((ready, failed) => {
      createInterface({ input: this.process.stderr }).on('line', (line) => {
        this.log.push(line)
        if (!line.includes('parlor is ready')) return
        this.address = JSON.parse(line).listen
        ready()
      })
      this.ended.then(([code]) => failed(new Error(`the program ended with ${code}:\n${this.log.join('\n')}`)))
    })
  }

  variables() {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLOR_'))
    return { ...Object.fromEntries(inherited), ...this.schema?.settings() }
  }

  /** Runs a command of the program beside the server, as whoever runs it does. */
  async run(...words) {
    await promisify(execFile)(program, [...words, '--data-dir', this.folder], { env: this.variables() })
  }

  /** Ends it without warning, as a power cut would. */
  async kill() {
    this.process.kill('SIGKILL')
    await this.ended
  }

  async stop() {
    await this.kill()
    await rm(this.folder, { recursive: true, force: true })
    await this.schema?.drop()
  }

  async setupToken() {
    return (await readFile(join(this.folder, 'setup-token'), 'utf8')).trim()
  }

  /** One call of the API; the answer's JSON. */
  async api(method, path, { token, body } = {}) {
    const response = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }
}
