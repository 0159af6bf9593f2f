export type Language = 'en' | 'ro'
/** What people choose: a language, or that of their browser. */
export type LanguageChoice = Language | 'system'

/** The languages by their own names. */
export const LANGUAGES: Record<Language, string> = { en: 'English', ro: 'Română' }

export const isLanguage = (text: string | null | undefined): text is Language => !!text && Object.hasOwn(LANGUAGES, text)
export const browserTags = () => globalThis.navigator?.languages ?? []

/** The first language of the browser that there is here. */
export function languageOf(choice: LanguageChoice, tags: readonly string[] = browserTags()): Language {
  if (choice !== 'system') return choice
  return tags.map((tag) => tag.split('-')[0]!.toLowerCase()).find(isLanguage) ?? 'en'
}

// The service worker cannot look into the page's own storage: what it is to know lies in a cache.
const SHARED = 'parlor-language'
const AT = '/language'

/** Tells the service worker which language is in use. */
export async function shareLanguage(language: Language): Promise<void> {
  if (!globalThis.caches) return
  const cache = await caches.open(SHARED)
  await cache.put(AT, new Response(language))
}

/** The language that the page uses, for the service worker. */
export async function sharedLanguage(): Promise<Language> {
  const known = await caches.match(AT, { cacheName: SHARED })
  const language = await known?.text()
  return isLanguage(language) ? language : languageOf('system')
}
