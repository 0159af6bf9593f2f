/** What is wrong with each field, as keys of messages. The server checks the same and more. */
export type Findings<Name extends string> = Partial<Record<Name, string>>

export interface NewAccount {
  username: string
  name: string
  password: string
  confirmation: string
  email: string
}

export function checkNewAccount(
  form: NewAccount,
  rules: { minLength: number; passwordRequired: boolean },
): Findings<keyof NewAccount> {
  const found: Findings<keyof NewAccount> = {}
  if (!/^[a-z0-9._-]{3,32}$/.test(form.username.trim().toLowerCase())) found.username = 'accounts.wrong.username'
  if (!form.name.trim()) found.name = 'accounts.wrong.name_missing'
  else if ([...form.name.trim()].length > 64) found.name = 'accounts.wrong.name_long'
  if (form.password === '' && rules.passwordRequired) found.password = 'accounts.wrong.password_missing'
  if (form.password !== '' && [...form.password].length < rules.minLength) found.password = 'accounts.wrong.password_short'
  if (form.password !== form.confirmation) found.confirmation = 'accounts.wrong.confirmation'
  const email = form.email.trim()
  if (email && (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)) found.email = 'accounts.wrong.email'
  return found
}
