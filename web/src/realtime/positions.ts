import type { Conversation, Uuid } from '@/api/types'
import type { Position } from './frames'

export const HELLO_LIMIT = 500

/** How far each conversation's log has been received. */
export class Positions {
  private readonly seqs = new Map<Uuid, number>()

  get(conversation: Uuid): number | undefined {
    return this.seqs.get(conversation)
  }

  set(conversation: Uuid, seq: number): void {
    this.seqs.set(conversation, seq)
  }

  /** Never back: what has been received stays received. */
  raise(conversation: Uuid, seq: number): void {
    this.seqs.set(conversation, Math.max(seq, this.seqs.get(conversation) ?? 0))
  }

  delete(conversation: Uuid): void {
    this.seqs.delete(conversation)
  }

  any(): Position | undefined {
    return this.seqs.entries().next().value
  }

  /** All positions, in portions that fit one `hello` each. */
  portions(): Position[][] {
    const all = [...this.seqs]
    const portions: Position[][] = []
    for (let at = 0; at < all.length; at += HELLO_LIMIT) portions.push(all.slice(at, at + HELLO_LIMIT))
    return portions
  }

  /** Forgets conversations one is no longer in and starts new ones at their end. */
  adopt(conversations: Conversation[]): void {
    const present = new Set(conversations.map((c) => c.id))
    for (const id of [...this.seqs.keys()]) if (!present.has(id)) this.seqs.delete(id)
    for (const c of conversations) if (!this.seqs.has(c.id)) this.seqs.set(c.id, c.last_seq)
  }
}
