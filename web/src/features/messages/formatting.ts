import type { Ref } from 'vue'
import { commandKeys } from '@/ui/keys'

export const FORMATS = ['bold', 'italic', 'strike', 'code', 'quote', 'bullets', 'numbers'] as const
export type Format = (typeof FORMATS)[number]

/** What takes the place of a part of a text, and what is selected in the text afterwards. */
export interface Edit {
  from: number
  to: number
  insert: string
  start: number
  end: number
}

const MARKS: Partial<Record<Format, string>> = { bold: '**', italic: '_', strike: '~~', code: '`' }
const LEADS: Partial<Record<Format, (line: number) => string>> = { quote: () => '> ', bullets: () => '- ', numbers: (line) => `${line + 1}. ` }
const LED: Partial<Record<Format, RegExp>> = { quote: /^> ?/, bullets: /^[-*] /, numbers: /^\d+\. / }

/** Puts marks around a selection, or takes them off again. Without a selection one goes on writing between them. */
function marked(text: string, start: number, end: number, mark: string): Edit {
  // Marks do not count next to a blank.
  const inner = text.slice(start, end)
  const from = start + (inner.trim() ? inner.length - inner.trimStart().length : 0)
  const to = end - (inner.trim() ? inner.length - inner.trimEnd().length : 0)
  const chosen = text.slice(from, to)
  const size = mark.length
  if (text.slice(from - size, from) === mark && text.slice(to, to + size) === mark) {
    return { from: from - size, to: to + size, insert: chosen, start: from - size, end: to - size }
  }
  if (chosen.length > 2 * size && chosen.startsWith(mark) && chosen.endsWith(mark)) {
    return { from, to, insert: chosen.slice(size, -size), start: from, end: to - 2 * size }
  }
  return { from, to, insert: mark + chosen + mark, start: from + size, end: to + size }
}

/** Begins every line of a selection in the same way, or takes the beginnings off when all have them. */
function led(text: string, start: number, end: number, format: Format): Edit {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const next = text.indexOf('\n', end)
  const to = next < 0 ? text.length : next
  const lines = text.slice(from, to).split('\n')
  const pattern = LED[format]!
  const all = lines.every((line) => pattern.test(line))
  const insert = lines.map((line, n) => (all ? line.replace(pattern, '') : LEADS[format]!(n) + line)).join('\n')
  const last = from + insert.length
  return { from, to, insert, start: start === end ? last : from, end: last }
}

/** A block of code has lines of its own. */
function block(text: string, start: number, end: number): Edit {
  const before = start > 0 && text[start - 1] !== '\n' ? '\n' : ''
  const after = end < text.length && text[end] !== '\n' ? '\n' : ''
  const chosen = text.slice(start, end)
  const lead = `${before}\`\`\`\n`
  return { from: start, to: end, insert: `${lead}${chosen}\n\`\`\`${after}`, start: start + lead.length, end: end + lead.length }
}

/** How a selection of a text is formatted. */
export function formatted(text: string, start: number, end: number, format: Format): Edit {
  const mark = MARKS[format]
  if (!mark) return led(text, start, end, format)
  return format === 'code' && text.slice(start, end).includes('\n') ? block(text, start, end) : marked(text, start, end, mark)
}

const KEYS: Record<string, Format> = {
  'KeyB': 'bold',
  'KeyI': 'italic',
  'Shift KeyX': 'strike',
  'Shift KeyC': 'code',
  'Shift Digit9': 'quote',
  'Shift Digit8': 'bullets',
  'Shift Digit7': 'numbers',
}

/** What a key asks for, held with Ctrl or the command key. */
export function formatOf(event: Pick<KeyboardEvent, 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'code' | 'key'>): Format | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined
  // Letters count where the keyboard writes them, digits where they stand: with Shift they are signs.
  const code = /^[a-z]$/i.test(event.key) ? `Key${event.key.toUpperCase()}` : event.code
  return KEYS[`${event.shiftKey ? 'Shift ' : ''}${code}`]
}

/** How the keys for a format are written, for those who look for them. */
export function keysOf(format: Format): string {
  const [keys] = Object.entries(KEYS).find(([, other]) => other === format)!
  return commandKeys(keys.replace('Shift ', 'Shift+').replace(/Key|Digit/, ''))
}

/**
 * Replaces a part of what is in a field, as typing it would: it can be undone, and the field says
 * that it changed.
 */
export function replaceIn(el: HTMLTextAreaElement, from: number, to: number, insert: string): void {
  el.focus()
  el.setSelectionRange(from, to)
  if (from === to && insert === '') return
  // Nothing else keeps what can be undone. A browser without it loses that and no more.
  if (document.execCommand(insert === '' ? 'delete' : 'insertText', false, insert)) return
  el.setRangeText(insert, from, to, 'end')
  el.dispatchEvent(new Event('input', { bubbles: true }))
}

/** Formats what is selected in a field, by a key or a button. */
export function useFormatting(input: Readonly<Ref<HTMLTextAreaElement | null>>) {
  function format(how: Format): void {
    const el = input.value
    if (!el) return
    const edit = formatted(el.value, el.selectionStart, el.selectionEnd, how)
    replaceIn(el, edit.from, edit.to, edit.insert)
    el.setSelectionRange(edit.start, edit.end)
  }

  function insert(text: string): void {
    const el = input.value
    if (el) replaceIn(el, el.selectionStart, el.selectionEnd, text)
  }

  /** Whether the key was meant for formatting. */
  function pressed(event: KeyboardEvent): boolean {
    const how = formatOf(event)
    if (!how) return false
    event.preventDefault()
    format(how)
    return true
  }

  return { format, insert, pressed }
}
