import { describe, expect, it } from 'vitest'
import type { Entry, PostedFile, Target } from '@/api/types'
import { concerns, followed, merged, postedWith, stays } from './posted'

const posted = (seq: number, position = 0, id = `f${seq}.${position}`) => ({ seq, position, file: { id } }) as PostedFile
const target = (more: object) => ({ seq: 3, message_id: 'm', author: 'ana', changes: { seq: 9, deleted_at: null }, ...more }) as unknown as Target

describe('files of a conversation', () => {
  it('are brought by a message, the last of them first', () => {
    const entry = { seq: 7, actor: 'ana', created_at: 'now', message: { id: 'm', files: [{ id: 'a' }, { id: 'b' }], thread: { seq: 2 } } } as unknown as Entry
    const about = { message_id: 'm', seq: 7, thread_seq: 2, author: 'ana', posted_at: 'now' }
    expect(postedWith(entry)).toEqual([{ ...about, file: { id: 'b' }, position: 1 }, { ...about, file: { id: 'a' }, position: 0 }])
    expect(postedWith({ ...entry, message: { ...entry.message!, files: undefined } })).toEqual([])
    expect(postedWith({ seq: 8, actor: 'ana' } as Entry)).toEqual([])
  })

  it('go with their message, and when they leave it', () => {
    const one = posted(3, 0, 'a')
    expect(stays(one, target({ changes: { deleted_at: 'now' } }))).toBe(false)
    expect(stays(one, target({ body: '', files: [{ id: 'b' }] }))).toBe(false)
    expect(stays(one, target({ body: 'text' }))).toBe(false)
    expect(stays(one, target({ body: 'text', files: [{ id: 'a' }] }))).toBe(true)
    expect(stays(one, target({}))).toBe(true)
    expect(stays(posted(4), target({ changes: { deleted_at: 'now' } }))).toBe(true)
  })

  it('follow what is told of them, and stay the same list where that concerns nothing of it', () => {
    const files = [posted(5, 0, 'b'), posted(3, 0, 'a')]
    const all = () => true
    const told = (more: object) => ({ seq: 9, actor: 'ana', created_at: 'now', ...more }) as unknown as Entry
    expect(followed(files, told({ message: { id: 'm', files: [{ id: 'c' }] } }), all).map((one) => one.file.id)).toEqual(['c', 'b', 'a'])
    expect(followed(files, told({ message: { id: 'm', files: [{ id: 'c' }] } }), () => false)).toBe(files)
    expect(followed(files, told({ target: target({ changes: { deleted_at: 'now' } }) }), all)).toEqual([files[0]])
    expect(followed(files, told({ target: target({ seq: 4, changes: { deleted_at: 'now' } }) }), all)).toBe(files)
    expect(followed(files, told({ target: target({ body: 'text', files: [{ id: 'a' }] }) }), all)).toBe(files)
  })

  it('are concerned by files that come and by messages that change, and by nothing else', () => {
    const told = (more: object) => concerns(more as Entry)
    expect([told({ message: { files: [{ id: 'a' }] } }), told({ target: target({ changes: { deleted_at: 'now' } }) }), told({ target: target({ body: '' }) })]).toEqual([true, true, true])
    expect([told({ message: { id: 'm' } }), told({ target: target({}) }), told({ kind: 'join' })].map(Boolean)).toEqual([false, false, false])
  })

  it('stay in order and are shown once when two parts overlap', () => {
    const places = merged([posted(5), posted(3, 1), posted(3)], [posted(9), posted(3, 1)]).map(({ seq, position }) => [seq, position])
    expect(places).toEqual([[9, 0], [5, 0], [3, 1], [3, 0]])
  })
})
