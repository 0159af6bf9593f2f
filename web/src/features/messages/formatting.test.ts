import { describe, expect, it } from 'vitest'
import { FORMATS, formatOf, formatted, keysOf } from './formatting'
import type { Format } from './formatting'

/** Formats what is between the brackets, and shows the result with what is selected then. */
function done(text: string, format: Format): string {
  const start = text.indexOf('[')
  const end = text.indexOf(']') - 1
  const plain = text.replace(/[[\]]/g, '')
  const edit = formatted(plain, start, end, format)
  const after = plain.slice(0, edit.from) + edit.insert + plain.slice(edit.to)
  return `${after.slice(0, edit.start)}[${after.slice(edit.start, edit.end)}]${after.slice(edit.end)}`
}

describe('formatting', () => {
  it('puts marks around what is selected, without its blanks, and takes them off again', () => {
    expect(done('a [b ]c', 'bold')).toBe('a **[b]** c')
    expect(done('a **[b]** c', 'bold')).toBe('a [b] c')
    expect(done('a [**b**] c', 'bold')).toBe('a [b] c')
    expect(done('[x]', 'italic')).toBe('_[x]_')
    expect(done('[x]', 'strike')).toBe('~~[x]~~')
    expect(done('[x]', 'code')).toBe('`[x]`')
  })

  it('lets one write on between the marks when nothing is selected', () => {
    expect(done('a []', 'bold')).toBe('a **[]**')
    expect(done('a **[]**', 'bold')).toBe('a []')
  })

  it('makes a block of several lines of code', () => {
    expect(done('see [a\nb] there', 'code')).toBe('see \n```\n[a\nb]\n```\n there')
  })

  it('begins lines as quotes and lists, and takes that off again', () => {
    expect(done('x\na[a\nb]b', 'quote')).toBe('x\n[> aa\n> bb]')
    expect(done('[> aa\n> bb]', 'quote')).toBe('[aa\nbb]')
    expect(done('a[]', 'bullets')).toBe('- a[]')
    expect(done('[a\nb]', 'numbers')).toBe('[1. a\n2. b]')
  })
})

describe('keys for formatting', () => {
  const key = (key: string, code: string, more = {}) => formatOf({ key, code, ctrlKey: true, metaKey: false, altKey: false, shiftKey: false, ...more })

  it('are those of other editors', () => {
    expect(key('b', 'KeyB')).toBe('bold')
    expect(key('i', 'KeyI', { ctrlKey: false, metaKey: true })).toBe('italic')
    expect(key('X', 'KeyX', { shiftKey: true })).toBe('strike')
    expect(key('(', 'Digit9', { shiftKey: true })).toBe('quote')
    for (const other of [key('b', 'KeyB', { ctrlKey: false }), key('x', 'KeyX'), key('b', 'KeyB', { altKey: true }), key('c', 'KeyC')]) expect(other).toBeUndefined()
  })

  it('go by what the keyboard writes', () => {
    expect(key('b', 'KeyN')).toBe('bold')
  })

  it('are told for every format', () => {
    expect(FORMATS.map(keysOf)).toEqual(expect.arrayContaining([expect.stringMatching(/X$/), expect.stringMatching(/7$/)]))
  })
})
