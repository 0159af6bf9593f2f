import { computed, ref } from 'vue'
import { createI18n } from 'vue-i18n'
import en from './en.json'
import { browserTags, isLanguage, languageOf, shareLanguage } from './languages'
import type { Language, LanguageChoice } from './languages'

export { LANGUAGES, languageOf } from './languages'
export type { Language, LanguageChoice } from './languages'

/** All but the first language are loaded when they are needed. */
const LOADERS: Record<Exclude<Language, 'en'>, () => Promise<{ default: typeof en }>> = { ro: () => import('./ro.json') }

const KEY = 'parlor.language'

/** One; two to nineteen and what ends so; the rest, which is counted with “de”. */
const romanian = (n: number) => (n === 1 ? 0 : n === 0 || (n % 100 > 0 && n % 100 < 20) ? 1 : 2)

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en } as Record<string, typeof en>,
  pluralRules: { ro: romanian },
})

function stored(): LanguageChoice {
  try {
    const chosen = localStorage.getItem(KEY)
    return isLanguage(chosen) ? chosen : 'system'
  } catch {
    // Storage is blocked: the browser's language is used.
    return 'system'
  }
}

/** The tag by which dates are written: as the browser's people do, where it speaks the same language. */
export const dateTag = computed(() => {
  const language = i18n.global.locale.value
  return browserTags().find((tag) => tag.split('-')[0]!.toLowerCase() === language) ?? language
})

const choice = ref<LanguageChoice>(stored())

async function apply(language: Language): Promise<void> {
  if (language !== 'en' && !i18n.global.availableLocales.includes(language)) {
    i18n.global.setLocaleMessage(language, (await LOADERS[language]()).default)
  }
  i18n.global.locale.value = language
  document.documentElement.lang = language
  // Without storage the service worker goes by the browser's languages.
  void shareLanguage(language).catch(() => undefined)
}

/** Brings the language in before anything is shown. Without it there is English. */
export async function startLanguage(): Promise<void> {
  await apply(languageOf(choice.value)).catch(() => undefined)
}

/** The language in use. A choice holds for this browser. */
export function useLanguage() {
  async function choose(next: LanguageChoice): Promise<void> {
    await apply(languageOf(next))
    choice.value = next
    try {
      if (next === 'system') localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, next)
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }
  return { choice, choose }
}
