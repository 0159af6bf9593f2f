/** What lies in the browser under names that begin so, by the rest of the name. */
export function* stored(prefix: string): Generator<[string, string]> {
  let keys: string[] = []
  try {
    keys = Object.keys(localStorage)
  } catch {
    // Storage is blocked: what would be kept lasts as long as the page.
  }
  for (const key of keys) {
    const text = key.startsWith(prefix) && localStorage.getItem(key)
    if (text) yield [key.slice(prefix.length), text]
  }
}

/** Keeps a text over reloads, or lets go of it when there is none. */
export function store(key: string, text: string | undefined): void {
  try {
    if (text) localStorage.setItem(key, text)
    else localStorage.removeItem(key)
  } catch {
    // As above.
  }
}
