import { ref } from 'vue'

export type Theme = 'system' | 'light' | 'dark'
export const THEMES: Theme[] = ['system', 'light', 'dark']

const KEY = 'parlor.theme'

function stored(): Theme {
  const chosen = document.documentElement.dataset.theme
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

const theme = ref<Theme>(stored())

/** The theme in use. public/theme.js applies a stored choice before the first paint. */
export function useTheme() {
  function choose(next: Theme): void {
    theme.value = next
    if (next === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = next
    try {
      if (next === 'system') localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, next)
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }
  return { theme, choose }
}
