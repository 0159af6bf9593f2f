// An identity provider on this machine, at which one signs in on a page of its own.
import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

const CLIENT = { id: 'parlor-browser', secret: 'between the two' }
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const seconds = () => Math.floor(Date.now() / 1000)

export class IdentityProvider {
  /** Who signs in there. */
  claims = { sub: 'nobody' }
  codes = new Map()
  /** What was asked of each who came. */
  visits = []

  static async start() {
    const provider = new IdentityProvider()
    provider.key = generateKeyPairSync('rsa', { modulusLength: 2048 })
    provider.server = createServer((request, response) => void provider.serve(request, response))
    provider.server.listen(0, '127.0.0.1')
    await once(provider.server, 'listening')
    // Another host than the chat's, so that browsers take it for another site.
    provider.issuer = `http://localhost:${provider.server.address().port}`
    return provider
  }

  /** The settings of a server that is registered there. */
  get settings() {
    return {
      PARLOR_OIDC_ISSUER: this.issuer,
      PARLOR_OIDC_CLIENT_ID: CLIENT.id,
      PARLOR_OIDC_CLIENT_SECRET: CLIENT.secret,
      PARLOR_OIDC_NAME: 'Example ID',
    }
  }

  async serve(request, response) {
    const url = new URL(request.url, this.issuer)
    const pieces = []
    for await (const piece of request) pieces.push(piece)
    const form = new URLSearchParams(Buffer.concat(pieces).toString())
    const json = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    const asked = Object.fromEntries(url.searchParams)
    if (url.pathname === '/.well-known/openid-configuration') return json(200, this.description())
    if (url.pathname === '/keys') return json(200, { keys: [{ ...this.key.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' }] })
    if (url.pathname === '/authorize' && request.method === 'GET') {
      this.visits.push(asked)
      const page = `<!doctype html><title>Example ID</title><h1>Example ID</h1>
        <form method="post"><button>Sign in</button></form><a href="${asked.redirect_uri}?error=access_denied&amp;state=${asked.state}">Cancel</a>`
      return response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    }
    if (url.pathname === '/authorize') {
      const code = randomUUID()
      this.codes.set(code, asked)
      return response.writeHead(303, { location: `${asked.redirect_uri}?code=${code}&state=${asked.state}` }).end()
    }
    if (url.pathname === '/token') return this.token(form, json)
    return json(404, {})
  }

  description() {
    const at = (path) => `${this.issuer}/${path}`
    return {
      issuer: this.issuer,
      authorization_endpoint: at('authorize'),
      token_endpoint: at('token'),
      jwks_uri: at('keys'),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }
  }

  token(form, json) {
    const asked = this.codes.get(form.get('code'))
    this.codes.delete(form.get('code'))
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url')
    if (!asked || asked.code_challenge !== challenge) return json(400, { error: 'invalid_grant' })
    const times = { iat: seconds(), exp: seconds() + 300, auth_time: seconds() }
    const claims = { iss: this.issuer, aud: CLIENT.id, nonce: asked.nonce, ...times, ...this.claims }
    const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'one' })}.${encode(claims)}`
    const signature = createSign('sha256').update(signed).sign(this.key.privateKey).toString('base64url')
    return json(200, { access_token: 'x', token_type: 'Bearer', id_token: `${signed}.${signature}` })
  }

  stop() {
    this.server.close()
    this.server.closeAllConnections()
  }
}
