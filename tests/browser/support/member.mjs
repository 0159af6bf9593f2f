// Somebody who uses the API instead of a browser.
import { randomUUID } from 'node:crypto'
import { PASSWORD } from './person.mjs'

export class Member {
  constructor(server, signedIn) {
    this.server = server
    this.token = signedIn.access_token
    this.id = signedIn.user.id
    this.name = signedIn.user.name
  }

  static async setUp(server, username, name) {
    const body = { token: await server.setupToken(), username, name, password: PASSWORD }
    return new Member(server, await server.api('POST', '/setup', { body }))
  }

  static async register(server, username, name, more = {}) {
    return new Member(server, await server.api('POST', '/auth/register', { body: { username, name, password: PASSWORD, ...more } }))
  }

  call(method, path, body) {
    return this.server.api(method, path, { token: this.token, body })
  }

  async conversations() {
    return (await this.call('GET', '/conversations')).items
  }

  async lobby() {
    return (await this.conversations()).find((c) => c.group?.lobby).id
  }

  group(name, others = [], more = {}) {
    const members = others.map((other) => other.id)
    return this.call('POST', '/groups', { name, description: '', visibility: 'private', members, ...more })
  }

  async direct(other) {
    return (await this.call('POST', '/conversations/direct', { user: other.id })).id
  }

  say(conversation, body) {
    return this.call('PUT', `/conversations/${conversation}/messages/${randomUUID()}`, { body })
  }

  /** Uploads bytes under a name; what the server says of the file. */
  async upload(name, bytes, type = '') {
    const response = await fetch(`${this.server.origin}/api/v1/files?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, ...(type && { 'content-type': type }) },
      body: bytes,
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(`${name}: ${response.status} ${answer.code} ${answer.detail}`)
    return answer
  }

  /** Sends files that were uploaded, with a text or without one. */
  send(conversation, files, body = '') {
    return this.call('PUT', `/conversations/${conversation}/messages/${randomUUID()}`, { body, files: files.map((file) => file.id) })
  }

  read(conversation, seq) {
    return this.call('PUT', `/conversations/${conversation}/read`, { seq })
  }
}
