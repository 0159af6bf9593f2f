import { describe, expect, it } from 'vitest'
import type { PostedFile, SharedFile } from '@/api/types'
import { largeOf, smallOf, tileOf, versionsOf } from './addresses'
import { boxOf, galleryOf, partsOf, runsOf } from './layout'

const file = (id: string, more: Partial<SharedFile> = {}) =>
  ({ id, kind: 'picture', media_type: 'image/jpeg', has_thumbnail: true, width: 4000, height: 3000, ...more }) as SharedFile
const pictures = (n: number) => Array.from({ length: n }, (_, i) => file(`f${i}`))

describe('the box of a picture', () => {
  it('has its proportions, within bounds', () => {
    expect(boxOf({ width: 4000, height: 3000 })).toEqual({ width: 416, ratio: 4 / 3 })
    expect(boxOf({ width: 3000, height: 4000 })).toEqual({ width: 240, ratio: 3 / 4 })
  })

  it('is no larger than the picture, but large enough to press', () => {
    expect(boxOf({ width: 200, height: 100 })).toEqual({ width: 200, ratio: 2 })
    expect(boxOf({ width: 1, height: 1 }).width).toBe(64)
  })

  it('is no thread for a picture that is one', () => {
    expect(boxOf({ width: 10_000, height: 10 }).ratio).toBe(2.5)
    expect(boxOf({ width: 10, height: 10_000 }).ratio).toBe(0.4)
  })

  it('is there for a picture of which no size is known', () => {
    expect(boxOf({ width: null, height: null }).ratio).toBeCloseTo(4 / 3)
  })
})

describe('the pictures of a message', () => {
  it('have a tile each, up to four', () => {
    for (const n of [1, 2, 3, 4]) expect(galleryOf(pictures(n))).toMatchObject({ tiles: { length: n }, more: 0 })
    expect(galleryOf(pictures(10))).toMatchObject({ tiles: { length: 4 }, more: 6 })
  })

  it('are apart from what is played and what is saved', () => {
    const files = [file('a', { kind: 'document' }), file('b'), file('c', { kind: 'audio' }), file('d', { kind: 'video' }), file('e')]
    const { pictures: p, players, cards } = partsOf(files)
    expect([p, players, cards].map((part) => part.map(({ id }) => id))).toEqual([['b', 'e'], ['c', 'd'], ['a']])
  })

  it('come in the size that is needed', () => {
    expect(versionsOf(file('a'))).toBe('/api/v1/files/a/thumbnail?size=small 480w, /api/v1/files/a/thumbnail?size=large 1600w')
    expect(versionsOf(file('a', { width: 1000, height: 4000 }))).toMatch(/small 120w, .*large 400w/)
    expect(versionsOf(file('a', { width: 200, height: 100 }))).toBeUndefined()
    expect(versionsOf(file('a', { has_thumbnail: false }))).toBeUndefined()
  })

  it('move where they are sent, once they are near, and stand still where they are listed', () => {
    const gif = file('a', { media_type: 'image/gif' })
    expect(tileOf(gif, false)).toEqual({ loading: 'lazy', src: '/api/v1/files/a' })
    expect(tileOf(gif, true).src).toBe('/api/v1/files/a/thumbnail?size=small')
    expect(smallOf(gif)).toBe('/api/v1/files/a/thumbnail?size=small')
    expect(largeOf(gif)).toBe('/api/v1/files/a')
    expect(tileOf(file('a'), false)).toEqual({ src: smallOf(file('a')), srcset: versionsOf(file('a')) })
  })
})

describe('a list of files', () => {
  it('has pictures beside each other that follow each other, and nothing in another order', () => {
    const posted = (id: string, kind: SharedFile['kind']) => ({ file: file(id, { kind }) }) as PostedFile
    const runs = runsOf([posted('a', 'picture'), posted('b', 'picture'), posted('c', 'video'), posted('d', 'document'), posted('e', 'picture')])
    expect(runs.map(({ pictures, items }) => [pictures, ...items.map((one) => one.file.id)])).toEqual([[true, 'a', 'b'], [false, 'c', 'd'], [true, 'e']])
    expect(runsOf([])).toEqual([])
  })
})
