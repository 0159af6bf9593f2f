import { describe, expect, it } from 'vitest'
import { isolate } from './isolate'

describe('a name in a sentence', () => {
  it('stays as it is when it runs the way of the sentence', () => {
    for (const name of ['Ana Pop', 'Ștefan', '山田 太郎', 'R2-D2 🥾', '']) expect(isolate(name)).toBe(name)
  })

  it('is kept apart when it runs from right to left', () => {
    for (const name of ['ליאור', 'ليلى', 'Ana (ליאור)', 'ߒߞߏ', '𞤀𞤣𞤤𞤢𞤥']) expect(isolate(name)).toBe(`\u2068${name}\u2069`)
  })

  it('cannot open or close a direction of its own', () => {
    expect(isolate('a\u202Eb\u2069c\u2066d')).toBe('abcd')
    expect(isolate('\u2069ليلى\u202E')).toBe('\u2068ليلى\u2069')
  })

  it('is one line', () => {
    expect(isolate('Ana\r\nPop\u2029\u0007x')).toBe('Ana Pop x')
  })
})
