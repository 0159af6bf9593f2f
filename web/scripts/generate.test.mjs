import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { files } from './generate.mjs'

test.each(Object.entries(files))('%s is what docs/ describes; if not, run `make documents`', async (path, make) => {
  expect(await make()).toBe(await readFile(path, 'utf8'))
}, 20_000)
