/** The languages whose code is coloured, each with the other names that people give it. */
const NAMES: Record<string, string> = {
  bash: 'sh shell zsh console shell-session',
  c: 'h',
  cpp: 'c++ cc hpp cxx',
  csharp: 'cs c#',
  css: '',
  diff: 'patch',
  dockerfile: 'docker',
  go: 'golang',
  ini: 'toml conf',
  java: '',
  javascript: 'js jsx mjs cjs node',
  json: 'jsonc json5',
  kotlin: 'kt kts',
  lua: '',
  makefile: 'make mk',
  markdown: 'md',
  nginx: 'nginxconf',
  php: '',
  python: 'py',
  ruby: 'rb',
  rust: 'rs',
  sql: 'postgres postgresql sqlite mysql',
  swift: '',
  typescript: 'ts tsx mts cts',
  xml: 'html xhtml svg vue',
  yaml: 'yml',
}

const BY_NAME = new Map(Object.entries(NAMES).flatMap(([language, others]) => [language, ...others.split(' ').filter(Boolean)].map((name) => [name, language])))

/** The language that a block of code says it is in, if its colours are known. */
export function languageOf(info: string): string | undefined {
  return BY_NAME.get(info.trim().split(/[\s{:,]/)[0]!.toLowerCase())
}

/** All of them, as they are named in files. */
export const LANGUAGES = Object.keys(NAMES)
