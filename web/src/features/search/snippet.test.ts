import { expect, it } from 'vitest'
import { partsOf } from './snippet'

it('cuts a snippet where what was found begins and ends', () => {
  const snippet = { text: '🎈 the soup, soup', highlights: [{ start: 7, length: 4 }, { start: 13, length: 4 }] }
  const expected = ['🎈 the ', '[soup]', ', ', '[soup]']
  expect(partsOf(snippet).map(({ text, found }) => (found ? `[${text}]` : text))).toEqual(expected)
  expect(partsOf({ text: 'all', highlights: [] })).toEqual([{ text: 'all', found: false }])
})
