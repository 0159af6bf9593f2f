// What can be told before the server is asked. It checks the same and more.
import type { Findings } from '@/ui/form'

export interface NewAccount {
  username: string
  name: string
  password: string
  confirmation: string
  email: string
}

export function checkSignIn(form: { login: string; password: string }): Findings<keyof typeof form> {
  const found: Findings<keyof typeof form> = {}
  if (!form.login.trim()) found.login = 'accounts.wrong.login_missing'
  if (form.password === '') found.password = 'accounts.wrong.password_empty'
  return found
}

export function checkNewAccount(
  form: NewAccount,
  rules: { minLength: number; passwordRequired: boolean },
): Findings<keyof NewAccount> {
  const found: Findings<keyof NewAccount> = {}
  if (!form.username.trim()) found.username = 'accounts.wrong.username_missing'
  else if (!/^[a-z0-9._-]{3,32}$/.test(form.username.trim().toLowerCase())) found.username = 'accounts.wrong.username'
  if (!form.name.trim()) found.name = 'accounts.wrong.name_missing'
  else if ([...form.name.trim()].length > 64) found.name = 'accounts.wrong.name_long'
  if (form.password === '' && rules.passwordRequired) found.password = 'accounts.wrong.password_missing'
  if (form.password !== '' && [...form.password].length < rules.minLength) found.password = 'accounts.wrong.password_short'
  if (form.password !== form.confirmation) found.confirmation = 'accounts.wrong.confirmation'
  const email = form.email.trim()
  if (email && (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)) found.email = 'accounts.wrong.email'
  return found
}

export function checkNewPassword(
  form: { new_password: string; confirmation: string },
  minLength: number,
): Findings<'new_password' | 'confirmation'> {
  const found: Findings<'new_password' | 'confirmation'> = {}
  if ([...form.new_password].length < minLength) found.new_password = 'accounts.wrong.password_short'
  if (form.new_password !== form.confirmation) found.confirmation = 'accounts.wrong.confirmation'
  return found
}
