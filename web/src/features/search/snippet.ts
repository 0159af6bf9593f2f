import type { components } from '@/api/schema'

export type Snippet = components['schemas']['Snippet']

export interface Part {
  text: string
  found: boolean
}

/** A snippet's text, cut where what was found begins and ends. */
export function partsOf({ text, highlights }: Snippet): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const { start, length } of highlights) {
    parts.push({ text: text.slice(at, start), found: false }, { text: text.slice(start, start + length), found: true })
    at = start + length
  }
  parts.push({ text: text.slice(at), found: false })
  return parts.filter((part) => part.text !== '')
}
