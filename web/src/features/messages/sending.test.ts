import { expect, it } from 'vitest'
import { sends } from './sending'

const key = (more: Partial<KeyboardEvent> = {}) => ({ key: 'Enter', shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, isComposing: false, ...more }) as KeyboardEvent

it('Enter sends, alone or held with Ctrl, unless a new line or a character is meant', () => {
  expect(sends(key(), 'enter')).toBe(true)
  expect(sends(key({ ctrlKey: true }), 'enter')).toBe(true)
  for (const other of [{ shiftKey: true }, { isComposing: true }, { key: 'a' }]) expect(sends(key(other), 'enter')).toBe(false)
})

it('where Ctrl+Enter sends, Enter alone does not', () => {
  expect(sends(key(), 'ctrl_enter')).toBe(false)
  expect(sends(key({ ctrlKey: true, metaKey: true }), 'ctrl_enter')).toBe(true)
  expect(sends(key({ ctrlKey: true, metaKey: true, isComposing: true }), 'ctrl_enter')).toBe(false)
})
