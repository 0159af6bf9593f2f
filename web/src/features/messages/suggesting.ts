import { computed, nextTick, ref, shallowRef, useId } from 'vue'
import type { Ref } from 'vue'

/** Something that may take the place of what is being typed. */
export interface Suggestion {
  key: string
  /** What takes the place of the sign and the word behind it. */
  insert: string
  label: string
  hint?: string
  /** Whose portrait stands before it. */
  person?: string
  /** What stands before it instead, such as an emoji. */
  glyph?: string
}

/** Where suggestions for the words behind a sign come from. */
export interface SuggestionSource {
  /** One character, such as `@`. */
  sign: string
  /** How many characters behind the sign it takes until there is anything to suggest. */
  least: number
  find: (typed: string) => Suggestion[] | Promise<Suggestion[]>
}

/** A word that is being typed behind a sign: where the sign stands, and what follows it. */
export interface Begun {
  sign: string
  typed: string
  from: number
}

/** What counts as one word, and what may stand before the sign: not a letter, as in an e-mail address. */
const WORD = /(^|[\s([{"'>*~,;:!?|])([^\p{L}\p{N}\s])([\p{L}\p{N}._+-]*)$/u

/** The word that ends at the caret, if it begins with one of these signs. */
export function begunAt(text: string, caret: number, signs: string[]): Begun | undefined {
  const found = WORD.exec(text.slice(0, caret))
  if (!found || !signs.includes(found[2]!)) return undefined
  return { sign: found[2]!, typed: found[3]!, from: caret - found[3]!.length - 1 }
}

/** The text with what is suggested instead of the begun word, and where the caret is then. */
export function completed(text: string, caret: number, begun: Begun, insert: string): { text: string; caret: number } {
  const rest = text.slice(caret).replace(/^ /, '')
  return { text: `${text.slice(0, begun.from)}${insert} ${rest}`, caret: begun.from + insert.length + 1 }
}

/**
 * Suggests completions while somebody types into a field. The keys are taken only while there is
 * something to choose from; `change` gets the text with what was chosen.
 */
export function useSuggesting(input: Readonly<Ref<HTMLTextAreaElement | null>>, sources: SuggestionSource[], change: (text: string) => void) {
  const id = useId()
  const items = shallowRef<Suggestion[]>([])
  const active = ref(0)
  const begun = shallowRef<Begun>()
  let asked = 0
  /** Where somebody pressed Escape: there nothing is suggested until they begin another word. */
  let dismissed = -1

  const open = computed(() => items.value.length > 0)
  const optionId = (index: number) => `${id}-${index}`
  const attributes = computed(() => ({
    'aria-autocomplete': 'list' as const,
    'aria-controls': open.value ? id : undefined,
    'aria-activedescendant': open.value ? optionId(active.value) : undefined,
  }))

  function close(): void {
    asked += 1
    items.value = []
  }

  async function update(): Promise<void> {
    const el = input.value
    const now = el && el.selectionStart === el.selectionEnd ? begunAt(el.value, el.selectionStart, sources.map((source) => source.sign)) : undefined
    const source = sources.find((one) => one.sign === now?.sign)
    if (now?.from !== dismissed) dismissed = -1
    if (!now || !source || dismissed >= 0 || now.typed.length < source.least) return close()
    const turn = ++asked
    const found = await source.find(now.typed)
    // Somebody typed on meanwhile.
    if (turn !== asked) return
    begun.value = now
    active.value = 0
    items.value = found
  }

  function choose(item: Suggestion): void {
    const el = input.value
    if (!el || !begun.value) return
    const done = completed(el.value, el.selectionStart, begun.value, item.insert)
    close()
    change(done.text)
    el.focus()
    void nextTick(() => el.setSelectionRange(done.caret, done.caret))
  }

  /** Whether the key was meant for the suggestions. */
  function pressed(event: KeyboardEvent): boolean {
    if (!open.value || event.isComposing) return false
    const count = items.value.length
    if (event.key === 'ArrowDown') active.value = (active.value + 1) % count
    else if (event.key === 'ArrowUp') active.value = (active.value + count - 1) % count
    else if (event.key === 'Escape') {
      dismissed = begun.value?.from ?? -1
      close()
    } else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') choose(items.value[active.value]!)
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  return { id, items, active, open, attributes, optionId, update, close, choose, pressed }
}
