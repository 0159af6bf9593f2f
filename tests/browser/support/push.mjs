// A push service, and the browser's side of it, which a browser without one cannot play.
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

export class PushService {
  static async start() {
    const service = new PushService()
    service.bodies = []
    service.server = createServer((request, response) => {
      const pieces = []
      request.on('data', (piece) => pieces.push(piece))
      request.on('end', () => {
        service.bodies.push(Buffer.concat(pieces))
        response.writeHead(201).end()
      })
    })
    service.server.listen(0, '127.0.0.1')
    await once(service.server, 'listening')
    service.key = createECDH('prime256v1')
    service.key.generateKeys()
    service.auth = randomBytes(16)
    service.endpoint = `http://127.0.0.1:${service.server.address().port}/push/browser`
    return service
  }

  stop() {
    this.server.close()
    this.server.closeAllConnections()
  }

  /** Has pages of this browser subscribe here. What they subscribed to outlives a reload. */
  async serve(context) {
    const keys = { p256dh: this.key.getPublicKey('base64url'), auth: this.auth.toString('base64url') }
    await context.addInitScript(({ endpoint, keys }) => {
      const KEY = 'test.subscribed'
      const subscribed = () => {
        const key = localStorage.getItem(KEY)
        if (!key) return null
        return {
          endpoint,
          options: { applicationServerKey: new Uint8Array(JSON.parse(key)).buffer },
          toJSON: () => ({ endpoint, keys }),
          unsubscribe: async () => localStorage.removeItem(KEY),
        }
      }
      PushManager.prototype.getSubscription = async () => subscribed()
      PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
        localStorage.setItem(KEY, JSON.stringify([...applicationServerKey]))
        return subscribed()
      }
    }, { endpoint: this.endpoint, keys })
  }

  /** The text of the push with this number, counted from 1, decrypted as RFC 8291 says. */
  async text(number) {
    for (let tries = 0; this.bodies.length < number && tries < 400; tries += 1) await new Promise((on) => setTimeout(on, 50))
    const body = this.bodies[number - 1]
    if (!body) throw new Error(`there is no push number ${number}`)
    const [salt, theirs, sealed] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)]
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.key.getPublicKey(), theirs])
    const secret = Buffer.from(hkdfSync('sha256', this.key.computeSecret(theirs), this.auth, info, 32))
    const derive = (name, length) => Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${name}\0`), length))
    const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
    decipher.setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
    return plain.subarray(0, plain.lastIndexOf(2)).toString()
  }
}

/** The service worker of a browser, which gets pushes and shows notifications. */
export class Worker {
  static async of(page) {
    const worker = new Worker()
    await page.evaluate(() => navigator.serviceWorker.ready)
    worker.origin = new URL(page.url()).origin
    worker.cdp = await page.context().newCDPSession(page)
    const registered = new Promise((resolve) => {
      worker.cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && resolve(registrations[0]))
    })
    await worker.cdp.send('ServiceWorker.enable')
    worker.id = (await registered).registrationId
    worker.context = page.context()
    return worker
  }

  /** Hands it a push, as the browser does. */
  async push(data) {
    this.pushed = data
    await this.cdp.send('ServiceWorker.deliverPushMessage', { origin: this.origin, registrationId: this.id, data })
  }

  /** The notifications that are shown. */
  async shown() {
    const [worker] = this.context.serviceWorkers()
    return worker.evaluate(async () => {
      const shown = await self.registration.getNotifications()
      return shown.map(({ title, body, tag, data }) => ({ title, body, tag, path: data.path }))
    })
  }

  /** Waits until something is shown that this finds. */
  async wait(find) {
    for (let tries = 1; tries <= 600; tries += 1) {
      const found = (await this.shown()).find(find)
      if (found) return found
      // A worker that was just being stopped did not hear it; push services deliver again.
      if (tries % 60 === 0) await this.push(this.pushed)
      await new Promise((on) => setTimeout(on, 50))
    }
    throw new Error(`shown is ${JSON.stringify(await this.shown())}`)
  }

  /** Clicks on the notification that is shown. */
  async click() {
    const [worker] = this.context.serviceWorkers()
    await worker.evaluate(async () => {
      const [notification] = await self.registration.getNotifications()
      self.dispatchEvent(new NotificationEvent('notificationclick', { notification }))
    })
  }
}
