import 'fake-indexeddb/auto'
import { afterEach, describe, expect, it } from 'vitest'
import { dropFile, dropFiles, keepAddress, keepFile, keptFiles } from './kept'

const file = (id: string, user = 'ana') => ({ id, user, key: 'c', name: `${id}.txt`, source: new Blob([id]) })
const ids = async (user = 'ana') => (await keptFiles(user)).map((kept) => kept.id)

describe('files that are not uploaded yet', () => {
  afterEach(dropFiles)

  it('come back in the order in which they were attached, for the one who attached them', async () => {
    for (const id of ['1', '3', '2']) await keepFile(file(id))
    await keepFile(file('4', 'ben'))
    expect(await ids()).toEqual(['1', '2', '3'])
    expect(await ids('ben')).toEqual(['4'])
  })

  it('come back with their bytes, and with where the server keeps what came of them', async () => {
    await keepFile({ ...file('1'), facts: { durationMs: 7 } })
    await keepAddress('1', '/u/1')
    const [kept] = await keptFiles('ana')
    expect(kept).toMatchObject({ name: '1.txt', address: '/u/1', facts: { durationMs: 7 } })
    expect(await kept!.source.text()).toBe('1')
  })

  it('do not come back once they were let go of, however soon', async () => {
    void keepFile(file('1'))
    void dropFile('1')
    void keepAddress('1', '/u/1')
    expect(await ids()).toEqual([])
    await keepFile(file('2'))
    await dropFiles()
    expect(await ids()).toEqual([])
  })
})
