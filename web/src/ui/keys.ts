/** On a Mac it is the command key, elsewhere the control key. */
export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '')

/** Whether the key that commands are given with is held: with the other one keys mean other things. */
export const isCommand = (event: KeyboardEvent) => (isMac ? event.metaKey : event.ctrlKey)

/** How keys that are held with it are written, such as `Shift+X`. */
export function commandKeys(keys: string): string {
  return isMac ? `⌘${keys.replace('Shift+', '⇧')}` : `Ctrl+${keys}`
}
