import { afterEach, describe, expect, it } from 'vitest'
import en from './en.json'
import { i18n, languageOf } from './index'
import ro from './ro.json'

type Texts = { [key: string]: string | Texts }

function flat(texts: Texts, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string' ? [[`${path}${key}`, text] as [string, string]] : flat(text, `${path}${key}.`),
  )
}

const english = new Map(flat(en))
const romanian = new Map(flat(ro))
const missing = (from: Map<string, string>, other: Map<string, string>) => [...from.keys()].filter((key) => !other.has(key))
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()

describe('every language', () => {
  it('has the same texts: what is new in one belongs into the other', () => {
    expect(missing(english, romanian), 'translate these in ro.json').toEqual([])
    expect(missing(romanian, english), 'remove these from ro.json').toEqual([])
  })

  it('says the same things in them', () => {
    for (const [key, text] of romanian) expect(placeholders(text), key).toEqual(placeholders(english.get(key) ?? ''))
  })

  it('counts: Romanian has three forms where it has any, and where English has some', () => {
    for (const [key, text] of romanian) {
      const counts = `${text}${english.get(key)}`.includes('|')
      expect(text.split('|').length, key).toBe(counts ? 3 : 1)
    }
  })
})

describe('the language', () => {
  afterEach(() => (i18n.global.locale.value = 'en'))

  it('is the first of the browser\'s that there is, or English', () => {
    expect(languageOf('system', ['de-AT', 'ro-RO', 'en'])).toBe('ro')
    expect(languageOf('system', ['EN-gb'])).toBe('en')
    expect(languageOf('system', ['fr', 'constructor'])).toBe('en')
    expect(languageOf('ro', ['en'])).toBe('ro')
  })

  it('chooses the form by the number', () => {
    i18n.global.setLocaleMessage('ro', ro)
    i18n.global.locale.value = 'ro'
    const members = (n: number) => i18n.global.t('groups.n_members', { n }, n)
    expect([0, 1, 2, 19, 20, 100, 101, 119, 120].map(members)).toEqual([
      '0 membri', '1 membru', '2 membri', '19 membri', '20 de membri', '100 de membri', '101 membri', '119 membri', '120 de membri',
    ])
  })
})
