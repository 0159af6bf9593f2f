import { describe, expect, it } from 'vitest'
import { beginning } from './fold'

const lines = (n: number) => Array.from({ length: n }, (_, i) => `Line ${i + 1}`).join('\n')

describe('a message', () => {
  it('of up to 1,500 characters and 24 lines is shown whole', () => {
    expect(beginning('')).toBeUndefined()
    expect(beginning('x'.repeat(1_500))).toBeUndefined()
    expect(beginning('🥾'.repeat(1_500))).toBeUndefined()
    expect(beginning(lines(24))).toBeUndefined()
  })

  it('of more lines shows the first twelve', () => {
    expect(beginning(lines(25))).toBe(`${lines(12)}…`)
  })

  it('of more characters ends with a whole word', () => {
    const shown = beginning('word '.repeat(400))!
    expect(shown).toMatch(/^(word )+word…$/)
    expect(shown.length).toBeGreaterThan(600)
    expect(shown.length).toBeLessThanOrEqual(701)
  })

  it('without a place to cut is cut between two characters', () => {
    expect(beginning('x'.repeat(8_000))).toBe(`${'x'.repeat(700)}…`)
    expect(beginning('🥾'.repeat(1_501))).toBe(`${'🥾'.repeat(700)}…`)
  })
})
