import { describe, expect, it } from 'vitest'
import { checkNewAccount } from './checks'
import { generatePassword } from './password'

const form = { username: 'ana', name: 'Ana', password: 'long enough', confirmation: 'long enough', email: '' }
const rules = { minLength: 10, passwordRequired: false }

describe('a new account', () => {
  it('passes when everything is in order', () => {
    expect(checkNewAccount(form, rules)).toEqual({})
    expect(checkNewAccount({ ...form, password: '', confirmation: '' }, rules)).toEqual({})
  })

  it('reports everything that is wrong at once', () => {
    const wrong = { username: 'A!', name: ' ', password: 'short', confirmation: 'other', email: 'nowhere' }
    expect(Object.keys(checkNewAccount(wrong, rules)).sort()).toEqual(['confirmation', 'email', 'name', 'password', 'username'])
  })

  it('needs a password where none is made', () => {
    expect(checkNewAccount({ ...form, password: '', confirmation: '' }, { ...rules, passwordRequired: true })).toHaveProperty('password')
  })
})

describe('a generated password', () => {
  it('has 20 characters that are hard to confuse, and is never the same', () => {
    const made = new Set(Array.from({ length: 200 }, generatePassword))
    expect(made.size).toBe(200)
    for (const password of made) expect(password).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{20}$/)
  })
})
