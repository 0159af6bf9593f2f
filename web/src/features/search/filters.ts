/** The filters that a search knows. */
export const FILTERS = ['from', 'in', 'after', 'before', 'on', 'has'] as const
export type Filter = (typeof FILTERS)[number]

/** A filter that a text ends with: its name, what stands behind the colon, and where that begins. */
export interface Begun {
  filter: Filter
  typed: string
  from: number
}

const AT_END = /(?:^|\s)(from|in|after|before|on|has):(?:"([^"]*)|([^"\s]*))$/i

/** The filter that is being typed at the end of a text. */
export function begunIn(text: string): Begun | undefined {
  const found = AT_END.exec(text)
  if (!found) return undefined
  const typed = found[2] ?? found[3] ?? ''
  const from = text.lastIndexOf(':') + 1
  // A colon inside of quotes belongs to the value.
  const quote = found[2] === undefined ? -1 : text.length - typed.length - 1
  return { filter: found[1]!.toLowerCase() as Filter, typed, from: quote >= 0 ? quote : from }
}

/** The text with this value behind the filter at its end, in quotes where it has spaces. */
export function completed(text: string, begun: Begun, value: string): string {
  return `${text.slice(0, begun.from)}${/[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value} `
}

/** The text with a filter begun at its end. */
export function withFilter(text: string, filter: Filter): string {
  const before = text.trimEnd()
  return `${before}${before ? ' ' : ''}${filter}:`
}

/** A local day so many days before this moment, as a search takes it. */
export function dayBefore(now: Date, days: number): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days)
  const two = (number: number) => String(number).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}
