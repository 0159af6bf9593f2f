import type { components } from '@/api/schema'

export type Revision = components['schemas']['Revision']

/** One of the texts that a message had: since when, and what it was before. */
export interface Version {
  at: string
  body: string
  before: string | undefined
}

/** All texts of a message, the oldest first. An earlier one is told with the moment at which it was replaced. */
export function versionsOf(created: string, body: string, revisions: Revision[]): Version[] {
  const bodies = [...revisions.map((revision) => revision.body), body]
  return bodies.map((text, n) => ({ at: revisions[n - 1]?.replaced_at ?? created, body: text, before: bodies[n - 1] }))
}
