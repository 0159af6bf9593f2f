import type { Suggestion, SuggestionSource } from './suggesting'

const MOST = 8

/** The emoji are many: they are loaded when somebody first types a sign for one. */
let loading: Promise<typeof import('./emoji')> | undefined
function load() {
  loading ??= import('./emoji')
  // Without a connection it is tried again with the next one.
  loading.catch(() => (loading = undefined))
  return loading
}

/** Suggests emoji by their short names. */
export const EMOJI_SOURCE: SuggestionSource = {
  sign: ':',
  least: 2,
  async find(typed): Promise<Suggestion[]> {
    try {
      const { named } = await load()
      return named(typed, MOST).map(({ emoji, code }) => ({ key: emoji, insert: emoji, label: `:${code}:`, glyph: emoji }))
    } catch {
      return []
    }
  },
}

const COMPLETE = /(^|[^\p{L}\p{N}:]):([\w+-]+):$/u

/** Whether code is being written at the end of a text: there everything stays as it is typed. */
function isCode(before: string): boolean {
  if (before.split('```').length % 2 === 0) return true
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return line.split('`').length % 2 === 0
}

/** The short name that ends with the colon just typed, and where it begins. */
export function codeAt(text: string, caret: number): { code: string; from: number } | undefined {
  const before = text.slice(0, caret)
  const found = COMPLETE.exec(before)
  if (!found || isCode(before)) return undefined
  return { code: found[2]!, from: caret - found[2]!.length - 2 }
}

/** The emoji with a short name, if there is one. */
export async function emojiOf(code: string): Promise<string | undefined> {
  try {
    return (await load()).byCode(code)
  } catch {
    return undefined
  }
}
