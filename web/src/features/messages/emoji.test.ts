import { describe, expect, it } from 'vitest'
import { grouped, search } from './emoji'
import { FREQUENT } from './reactions'

describe('emoji', () => {
  it('come in their groups, what is often used first', () => {
    const groups = grouped()
    expect(groups[0]?.emoji.map((e) => e.emoji)).toEqual(FREQUENT)
    expect(groups.every((group) => group.emoji.length > 0)).toBe(true)
  })

  it('are found by all the words of a search', () => {
    expect(search('thumbs up').map((e) => e.emoji)).toContain('👍')
    expect(search('Heart RED').map((e) => e.emoji)).toContain('❤️')
    expect(search('rocket')[0]?.emoji).toBe('🚀')
    expect(search('no such thing')).toEqual([])
  })
})
