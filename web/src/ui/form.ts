import { reactive, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { asApiError } from '@/api/client'
import type { ApiError } from '@/api/problem'
import { isolate } from '@/i18n/isolate'
import { formatMoment, formatWait } from '@/i18n/time'

/** Where the problems of a conflict belong when the server names no field. */
const FIELD_OF_CODE: Record<string, string> = {
  username_taken: 'username',
  email_taken: 'email',
  invite_for_another_address: 'email',
  wrong_setup_token: 'token',
}

/** What is wrong with each field, as keys of messages. */
export type Findings<Name extends string = string> = Partial<Record<Name, string>>

/** What somebody changed: what others changed meanwhile stays as it is. */
export function changesOf<T extends object>(before: T, now: T): Partial<T> {
  const changed = Object.entries(now).filter(([name, value]) => value !== before[name as keyof T])
  return Object.fromEntries(changed) as Partial<T>
}

/** What is wrong with each field, in words. */
export type Problems = Record<string, string>

/** Runs a form's request and keeps what the server said about it, by field and in general. */
export function useSubmit() {
  const { t, te } = useI18n()
  const busy = ref(false)
  const general = ref('')
  const fields = reactive<Problems>({})

  function describe(error: ApiError): string {
    if (error.code === 'banned_from_group' && error.ban) {
      const { until, reason } = error.ban
      const known = until ? t('problems.banned_from_group_until', { at: formatMoment(until) }) : t('problems.banned_from_group')
      return reason ? `${known} ${isolate(reason)}` : known
    }
    const known = `problems.${error.code}`
    if (te(known)) return t(known, { wait: formatWait(error.retryAfterMs ?? 1_000) })
    return error.message || t('problems.unexpected')
  }

  function clear(): void {
    general.value = ''
    for (const name of Object.keys(fields)) delete fields[name]
  }

  /** Shows what the page itself finds wrong. True when there is something, and nothing should be sent. */
  function refuse(found: Findings, values: Record<string, unknown> = {}): boolean {
    clear()
    for (const [name, key] of Object.entries(found)) if (key) fields[name] = t(key, values)
    return Object.keys(fields).length > 0
  }

  /** Shows a failure; fields of the form get theirs, the rest stands above it. */
  function fail(error: ApiError, known: readonly string[]): void {
    const rest: string[] = []
    for (const { field, message } of error.fields) {
      // Words of the page's own are in the reader's language.
      if (known.includes(field)) fields[field] = te(`problems.${error.code}`) ? describe(error) : message
      else rest.push(message)
    }
    const field = FIELD_OF_CODE[error.code]
    if (field && known.includes(field)) fields[field] ??= describe(error)
    else if (rest.length > 0) general.value = rest.join(' ')
    else if (error.fields.length === 0) general.value = describe(error)
  }

  async function submit<T>(run: () => Promise<T>, known: readonly string[] = []): Promise<T | undefined> {
    if (busy.value) return undefined
    clear()
    busy.value = true
    try {
      return await run()
    } catch (thrown) {
      fail(asApiError(thrown), known)
      return undefined
    } finally {
      busy.value = false
    }
  }

  return { busy, general, fields, submit, refuse, describe }
}
