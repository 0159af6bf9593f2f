import { expect, it } from 'vitest'
import { versionsOf } from './revisions'

it('every text of a message has the moment since which it was shown', () => {
  const revisions = [{ body: 'a', replaced_at: '2' }, { body: 'b', replaced_at: '3' }]
  expect(versionsOf('1', 'c', revisions)).toEqual([
    { at: '1', body: 'a', before: undefined },
    { at: '2', body: 'b', before: 'a' },
    { at: '3', body: 'c', before: 'b' },
  ])
  expect(versionsOf('1', 'a', [])).toEqual([{ at: '1', body: 'a', before: undefined }])
})
