import { describe, expect, it } from 'vitest'
import type { Entry, PostedFile, Target } from '@/api/types'
import { merged, postedWith, stays } from './posted'

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

  it('stay in order and are shown once when two parts overlap', () => {
    const places = merged([posted(5), posted(3, 1), posted(3)], [posted(9), posted(3, 1)]).map(({ seq, position }) => [seq, position])
    expect(places).toEqual([[9, 0], [5, 0], [3, 1], [3, 0]])
  })
})
