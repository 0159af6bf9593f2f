import { describe, expect, it } from 'vitest'
import { EMOJI_SOURCE, codeAt, emojiOf } from './shortcodes'

const at = (text: string) => codeAt(text, text.length)

describe('short names of emoji', () => {
  it('end with a colon', () => {
    expect(at(':smile:')).toEqual({ code: 'smile', from: 0 })
    expect(at('well (:+1:')).toEqual({ code: '+1', from: 6 })
    expect(codeAt('a :x: b', 5)).toEqual({ code: 'x', from: 2 })
  })

  it('are not what only looks like them', () => {
    for (const text of ['10:30:', 'std::fmt:', '::', ': smile:', ':smile', 'http://a:80:']) expect(at(text), text).toBeUndefined()
  })

  it('stay as they are in code', () => {
    for (const text of ['`a :smile:', '```\n:smile:']) expect(at(text), text).toBeUndefined()
    expect(at('`a` :smile:')?.code).toBe('smile')
    expect(at('```\na\n```\n:smile:')?.code).toBe('smile')
    expect(at('a ` line\n:smile:')?.code).toBe('smile')
  })

  it('are those that other chats have', async () => {
    const known = { smile: '😄', '+1': '👍', thumbsup: '👍', tada: '🎉', heart: '❤️', thumbs_up: '👍', x: '❌' }
    for (const [code, emoji] of Object.entries(known)) expect(await emojiOf(code), code).toBe(emoji)
    expect(await emojiOf('Tada')).toBe('🎉')
    for (const code of ['no_such', 'constructor', '']) expect(await emojiOf(code)).toBeUndefined()
  })

  it('are suggested by their beginning before any other part, each emoji once', async () => {
    const found = await EMOJI_SOURCE.find('sm')
    expect(found.length).toBe(8)
    expect(found.slice(0, 3).every(({ label }) => label.startsWith(':sm'))).toBe(true)
    expect(new Set(found.map(({ key }) => key)).size).toBe(8)
    expect((await EMOJI_SOURCE.find('tada'))[0]).toMatchObject({ insert: '🎉', label: ':tada:' })
    expect(await EMOJI_SOURCE.find('nosuchthing')).toEqual([])
  })
})
