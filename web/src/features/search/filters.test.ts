import { describe, expect, it } from 'vitest'
import { begunIn, completed, dayBefore, withFilter } from './filters'

describe('a filter at the end of a search', () => {
  it('is known while it is being typed', () => {
    expect(begunIn('soup from:a')).toEqual({ filter: 'from', typed: 'a', from: 10 })
    expect(begunIn('IN:"book cl')).toEqual({ filter: 'in', typed: 'book cl', from: 3 })
    expect(begunIn('has:')).toEqual({ filter: 'has', typed: '', from: 4 })
  })

  it('is no longer there once something follows it', () => {
    for (const text of ['from:ana ', 'from:ana soup', 'in:"book club"', 'soup', 'https:', 'xfrom:a']) {
      expect(begunIn(text), text).toBeUndefined()
    }
  })

  it('gets the value that was chosen, in quotes where it has spaces', () => {
    const complete = (text: string, value: string) => completed(text, begunIn(text)!, value)
    expect(complete('soup from:a', 'ana')).toBe('soup from:ana ')
    expect(complete('in:bo', 'Book club')).toBe('in:"Book club" ')
    expect(complete('in:"bo', 'Book club')).toBe('in:"Book club" ')
  })

  it('is begun behind what is there', () => {
    expect(withFilter('soup ', 'from')).toBe('soup from:')
    expect(withFilter('', 'in')).toBe('in:')
  })

  it('counts days back across months', () => {
    expect(dayBefore(new Date(2026, 2, 1, 23, 59), 1)).toBe('2026-02-28')
    expect(dayBefore(new Date(2026, 0, 5), 0)).toBe('2026-01-05')
  })
})
