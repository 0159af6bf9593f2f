import { expect, test } from 'vitest'
import type { User } from '@/api/types'
import { matching } from './mentioning'

const user = (username: string, name: string) => ({ id: username, username, name }) as User

test('usernames come before names, and any word of a name counts', () => {
  const people = [user('zoe', 'Zoe Anders'), user('anders', 'Bo'), user('mia', 'Mia Anderson'), user('ben', 'Ben')]
  expect(matching(people, 'And').map((one) => one.username)).toEqual(['anders', 'mia', 'zoe'])
  expect(matching(people, '').length).toBe(4)
  expect(matching(people, 'nder')).toEqual([])
})
