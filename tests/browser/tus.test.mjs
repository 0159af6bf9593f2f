// A client of the tus protocol that others wrote.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Upload } from 'tus-js-client'
import { Member } from './support/member.mjs'
import { Server } from './support/server.mjs'

const MIB = 1_024 * 1_024

let server
let ana

before(async () => {
  server = await Server.start()
  ana = await Member.setUp(server, 'ana', 'Ana Pop')
})

after(() => server?.stop())

const text = (bytes) => Buffer.from(randomBytes(bytes / 2).toString('hex'))
const sum = (bytes) => createHash('sha256').update(bytes).digest('hex')
const headers = () => ({ authorization: `Bearer ${ana.token}` })

/** Uploads until it is done, or until so many bytes have left; the upload. */
function upload(bytes, { until = Infinity, progress = () => {}, ...options }) {
  return new Promise((resolve, reject) => {
    const one = new Upload(bytes, {
      endpoint: `${server.origin}/api/v1/uploads`,
      headers: headers(),
      metadata: { filename: 'minutes – Ü.txt', filetype: 'text/plain' },
      retryDelays: null,
      onError: reject,
      onSuccess: () => resolve(one),
      onProgress(sent) {
        progress(sent)
        if (sent >= until) one.abort().then(() => resolve(one), reject)
      },
      ...options,
    })
    one.start()
  })
}

async function fileOf(url) {
  return (await (await fetch(url, { headers: headers() })).json()).file
}

async function sumOf(file) {
  const response = await fetch(`${server.origin}/api/v1/files/${file.id}`, { headers: headers() })
  return sum(Buffer.from(await response.arrayBuffer()))
}

for (const [how, chunkSize] of [['in one request', Infinity], ['in requests of a mebibyte', MIB]]) {
  test(`20 MiB that are sent ${how} go on where they were broken off`, async () => {
    const bytes = text(20 * MIB)
    const { url } = await upload(bytes, { chunkSize, until: 9 * MIB })
    assert.equal(await fileOf(url), null)
    let first
    const { url: same } = await upload(bytes, { chunkSize, uploadUrl: url, progress: (sent) => (first ??= sent) })
    assert.equal(same, url)
    assert.ok(first > MIB, `it began anew: ${first}`)
    const file = await fileOf(url)
    assert.deepEqual([file.name, file.media_type, file.bytes], ['minutes – Ü.txt', 'text/plain', bytes.length])
    assert.equal(await sumOf(file), sum(bytes))
    // Whoever comes back finds it done.
    await upload(bytes, { chunkSize, uploadUrl: url })
    assert.equal((await fileOf(url)).id, file.id)
  })
}

test('an upload that is terminated is gone', async () => {
  const { url } = await upload(text(4 * MIB), { chunkSize: MIB, until: 2 * MIB })
  await Upload.terminate(url, { headers: headers() })
  assert.equal((await fetch(url, { headers: headers() })).status, 404)
})
