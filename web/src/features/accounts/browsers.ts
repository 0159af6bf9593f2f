const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** The browser and system that a browser says it is; nothing for other programs. */
export function describeBrowser(userAgent: string): { browser: string; system: string } | undefined {
  // Browsers name those that they are like as well, so the more special ones come first.
  const first = (known: [RegExp, string][]) => known.find(([pattern]) => pattern.test(userAgent))?.[1]
  const browser = first(BROWSERS)
  return browser ? { browser, system: first(SYSTEMS) ?? '' } : undefined
}

/** What to call the place of a session, in the language of `t`. */
export function nameOfDevice(userAgent: string, t: (key: string, values?: Record<string, string>) => string): string {
  const found = describeBrowser(userAgent)
  if (!found) return userAgent || t('security.unknown_device')
  return found.system ? t('security.browser_on', found) : found.browser
}
