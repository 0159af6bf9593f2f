import { describe, expect, it } from 'vitest'
import { checkNewAccount, checkSignIn } from './checks'
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

  it('that is empty is not called malformed', () => {
    expect(checkNewAccount({ ...form, username: ' ' }, rules)).toEqual({ username: 'accounts.wrong.username_missing' })
    expect(checkNewAccount({ ...form, username: 'A!' }, rules)).toEqual({ username: 'accounts.wrong.username' })
  })

  it('needs a password where none is made', () => {
    expect(checkNewAccount({ ...form, password: '', confirmation: '' }, { ...rules, passwordRequired: true })).toHaveProperty('password')
  })
})

describe('signing in', () => {
  it('takes both a name and a password', () => {
    expect(checkSignIn({ login: 'ana', password: ' ' })).toEqual({})
    expect(Object.keys(checkSignIn({ login: ' ', password: '' })).sort()).toEqual(['login', 'password'])
    expect(Object.keys(checkSignIn({ login: 'ana', password: '' }))).toEqual(['password'])
  })
})

describe('a generated password', () => {
  it('has 20 characters that are hard to confuse, and is never the same', () => {
    const made = new Set(Array.from({ length: 200 }, generatePassword))
    expect(made.size).toBe(200)
    for (const password of made) expect(password).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{20}$/)
  })
})
