import { expect, test } from 'vitest'
import { begunAt, completed } from './suggesting'

const at = (text: string) => begunAt(text, text.length, ['@', ':'])

test('a word begins with its sign, at the start or behind what separates words', () => {
  expect(at('@')).toEqual({ sign: '@', typed: '', from: 0 })
  expect(at('hello @an')).toEqual({ sign: '@', typed: 'an', from: 6 })
  expect(at('(@ana.p')).toEqual({ sign: '@', typed: 'ana.p', from: 1 })
  expect(at('so :smi')).toEqual({ sign: ':', typed: 'smi', from: 3 })
})

test('an address, an ended word and another sign begin nothing', () => {
  for (const text of ['ana@exam', 'hello @ana ', 'plain', '#room', 'https://x/@ana']) expect(at(text)).toBeUndefined()
})

test('what is chosen takes the place of the word, and one blank follows', () => {
  const text = 'hello @an how are you'
  const begun = begunAt(text, 9, ['@'])!
  expect(completed(text, 9, begun, '@ana')).toEqual({ text: 'hello @ana how are you', caret: 11 })
  expect(completed('@a', 2, begunAt('@a', 2, ['@'])!, '@ana')).toEqual({ text: '@ana ', caret: 5 })
})
