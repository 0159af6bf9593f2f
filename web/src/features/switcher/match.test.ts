import { describe, expect, it } from 'vitest'
import { fold, matching, rank } from './match'

describe('finding by a few letters', () => {
  it('ignores accents and capitals on either side', () => {
    expect(fold('Știință ŁÓDŹ Straße')).toBe('stiinta lodz strasse')
    expect(rank('stef', ['Ștefan'])).toBe(0)
    expect(rank('ȘTEF', ['stefan'])).toBe(0)
  })

  it('prefers the beginning, then a word, then a part, then an abbreviation', () => {
    const names = ['Kitchen', 'Dishikes', 'Heidi Iko', 'Weekend hikes', 'Hikes', 'Hi, Ken']
    expect(matching('hik', names, (name) => [name])).toEqual(['Hikes', 'Weekend hikes', 'Dishikes', 'Heidi Iko', 'Hi, Ken'])
    expect(rank('wh', ['Weekend hikes'])).toBe(3)
    expect(rank('weehi', ['Weekend hikes'])).toBe(3)
    expect(rank('wk', ['Weekend hikes'])).toBeUndefined()
  })

  it('wants all words, in any order', () => {
    expect(rank('pop ana', ['Ana Pop'])).toBe(1)
    expect(rank('pop ben', ['Ana Pop'])).toBeUndefined()
  })

  it('takes the best of several texts, and nothing typed matches all', () => {
    expect(rank('apop', ['Ana Pop', 'apop'])).toBe(0)
    expect(rank('  ', ['Ana Pop'])).toBe(0)
    expect(rank('x', [])).toBeUndefined()
  })

  it('keeps the order of what matches alike', () => {
    expect(matching('a', ['a2', 'a1', 'b', 'ba'], (name) => [name])).toEqual(['a2', 'a1', 'ba'])
  })
})
