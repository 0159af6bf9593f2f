import { describe, expect, it } from 'vitest'
import { endingOf, fitting, halvesOf, shortened, typeOf } from './names'

const bytes = (text: string) => new TextEncoder().encode(text).length

describe('the name of a file', () => {
  it('stays as it is when it is short', () => {
    for (const name of ['garden.jpg', 'Makefile', '.profile', 'ședință.odt', '报告.pdf']) expect(shortened(name)).toBe(name)
  })

  it('is shortened in its middle and keeps its extension', () => {
    const name = shortened(`The minutes of the meeting ${'very '.repeat(20)}long (final).pdf`, 40)
    expect([...name]).toHaveLength(40)
    expect(name).toMatch(/^The minutes of.*….*\(final\)\.pdf$/)
  })

  it('without an extension is shortened, too', () => {
    expect([...shortened('x'.repeat(300), 20)]).toHaveLength(20)
    expect([...shortened(`a.${'b'.repeat(300)}`, 20)]).toHaveLength(20)
  })

  it('is never cut within a character', () => {
    expect(shortened('🥾'.repeat(60), 10)).toBe('🥾'.repeat(7) + '…' + '🥾🥾')
  })

  it('ends as the server says it does', () => {
    expect(['a.PNG', 'a.tar.gz', 'a.', 'README', '.profile'].map(endingOf)).toEqual(['png', 'gz', '', '', 'profile'])
  })

  it('turns nothing around and is one line', () => {
    expect(shortened('invoice\u202Efdp.exe')).toBe('invoicefdp.exe')
    expect(shortened('a\r\nb\u2066c.txt')).toBe('a bc.txt')
  })

  it('has an end that stays', () => {
    expect(halvesOf('The minutes (final).pdf')).toEqual({ start: 'The minutes (fi', end: 'nal).pdf' })
    expect(halvesOf('a.b')).toEqual({ start: 'a.', end: 'b' })
    expect(halvesOf('x\u202Ey.txt')).toEqual({ start: 'xy.', end: 'txt' })
  })

  it('tells what kind of file it is, or else its type does', () => {
    expect(typeOf('report.pdf', 'application/octet-stream')).toBe('PDF')
    expect(typeOf('archive.tar.gz', '')).toBe('GZ')
    expect(typeOf('invoice\u202Efdp.exe', 'application/pdf')).toBe('EXE')
    expect(typeOf('Notes of version 1.2', 'text/plain')).toBe('TXT')
    expect(typeOf('Makefile', 'application/octet-stream')).toBe('')
  })

  it('is cut to what the server takes, before its extension', () => {
    for (const name of ['x'.repeat(5_000) + '.png', 'ș'.repeat(3_000) + '.png', '🥾'.repeat(1_500) + '.png']) {
      const cut = fitting(name)
      expect(bytes(cut)).toBeLessThanOrEqual(4_096)
      expect(bytes(cut)).toBeGreaterThan(4_089)
      expect(cut.endsWith('.png')).toBe(true)
    }
    expect(fitting('x'.repeat(4_096))).toBe('x'.repeat(4_096))
    expect(fitting('')).toBe('file')
    expect(fitting('a\uD800b')).toBe('a\uFFFDb')
  })
})
