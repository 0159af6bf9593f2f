// A receiver of webhooks on this machine.
import { once } from 'node:events'
import { createServer } from 'node:http'

export class Receiver {
  static async start() {
    const receiver = new Receiver()
    receiver.requests = []
    receiver.status = 204
    receiver.waiting = []
    receiver.server = createServer((request, response) => {
      const pieces = []
      request.on('data', (piece) => pieces.push(piece))
      request.on('end', () => {
        receiver.requests.push({ headers: request.headers, body: Buffer.concat(pieces).toString() })
        response.writeHead(receiver.status).end(receiver.status < 300 ? '' : 'no room for tickets')
        for (const look of receiver.waiting) look()
      })
    })
    receiver.server.listen(0, '127.0.0.1')
    await once(receiver.server, 'listening')
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/tickets`
    return receiver
  }

  /** The first request, told or to come, whose content passes. */
  async told(passes) {
    for (;;) {
      const found = this.requests.find((request) => passes(JSON.parse(request.body)))
      if (found) return found
      await new Promise((look) => this.waiting.push(look))
    }
  }

  stop() {
    this.server.close()
    this.server.closeAllConnections()
  }
}
