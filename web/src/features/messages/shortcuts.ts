import type { Action } from './allowed'

const KEYS: Record<string, Action> = { e: 'edit', r: 'reply', t: 'thread', '+': 'react', Delete: 'delete' }

/** The action that a key stands for on a message that has the focus itself. */
export function shortcut(event: KeyboardEvent): Action | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  if (!(event.target as HTMLElement).matches('[data-row="message"]')) return undefined
  return KEYS[event.key] ?? KEYS[event.key.toLowerCase()]
}
