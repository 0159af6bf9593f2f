// A mail server on this machine, which keeps what it is handed.
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:net'

const WAIT_MS = 20_000

/** An e-mail of ASCII text that was sent as quoted-printable, as it was written. */
function decoded(mail) {
  if (!mail.includes('quoted-printable')) return mail
  return mail.replaceAll('=\r\n', '').replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)))
}

export class MailServer {
  mails = []
  arrivals = new EventEmitter()

  static async start() {
    const mail = new MailServer()
    mail.server = createServer((socket) => mail.serve(socket))
    await new Promise((resolve) => mail.server.listen(0, '127.0.0.1', resolve))
    return mail
  }

  /** The settings of a server that sends through this one. */
  get settings() {
    return {
      PARLOR_MAIL_HOST: '127.0.0.1',
      PARLOR_MAIL_PORT: String(this.server.address().port),
      PARLOR_MAIL_SECURITY: 'none',
      PARLOR_MAIL_FROM: 'parlor@example.org',
    }
  }

  serve(socket) {
    let heard = ''
    let data = false
    socket.on('error', () => {})
    socket.write('220 mail.example ESMTP\r\n')
    socket.on('data', (piece) => {
      heard += piece
      for (;;) {
        const end = heard.indexOf(data ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const said = heard.slice(0, end)
        heard = heard.slice(end + (data ? 5 : 2))
        if (data) {
          this.mails.push(decoded(said))
          this.arrivals.emit('mail')
        }
        const asks = !data && said === 'DATA'
        socket.write(asks ? '354 go on\r\n' : said === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n')
        data = asks
      }
    })
  }

  /** Waits for the link to this page in the newest e-mail to an address. */
  async link(address, page) {
    const signal = AbortSignal.timeout(WAIT_MS)
    for (;;) {
      const mail = this.mails.findLast((one) => one.includes(`To: ${address}\r\n`) && one.includes(`/${page}#t=`))
      if (mail) return mail.match(/https?:\/\/\S+#t=\S+/)[0]
      await once(this.arrivals, 'mail', { signal })
    }
  }

  stop() {
    this.server.close()
  }
}
