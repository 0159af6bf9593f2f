import fc from 'fast-check'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import type { Account, Entry, History } from '@/api/types'
import { useSession } from '@/features/accounts/session'
import { useConversations } from '@/features/conversations/conversations'
import { conversation, Log, PEOPLE, WHERE } from './convergence.world'
import { useTimelines } from './timelines'

interface Request {
  read(): void
  answer(): void
}

/** What the page asks for, until the test lets the server read it and answer. */
let ask: (query: object) => Promise<History>

vi.mock('@/api/client', () => ({
  api: { GET: (path: string, { params }: { params: { query: object } }) => (path.includes('messages') ? ask(params.query) : new Promise(() => {})) },
  answer: (request: Promise<unknown>) => request,
}))

const settled = async () => {
  for (let i = 0; i < 12; i++) await Promise.resolve()
}

class Client {
  private readonly pinia = createPinia()
  private readonly timelines = useTimelines(this.pinia)
  private readonly conversations = useConversations(this.pinia)
  private readonly requests: Request[] = []
  private heard = 0

  constructor(
    readonly me: string,
    private readonly log: Log,
  ) {
    useSession(this.pinia).me = { id: me } as Account
    this.conversations.put(conversation())
  }

  /** The next entry of the stream, told as it was then or as it is now. */
  hear(then: boolean): void {
    if (this.heard === this.log.last) return
    this.heard += 1
    const entry = then ? this.log.told[this.heard - 1]! : this.log.entry(this.heard)
    this.timelines.applyEntry(entry)
    this.conversations.applyEntry(entry)
  }

  async load(how: 'open' | 'around' | 'older' | 'newer', pick: number): Promise<void> {
    ask = (query) => this.request(query)
    if (how === 'open') void this.timelines.open(WHERE)
    else if (how === 'around') void this.timelines.open(WHERE, 1 + (pick % (this.log.last + 1)))
    else if (this.timelines.byId.has(WHERE)) void this.timelines[how](WHERE)
    await settled()
  }

  private request(query: object): Promise<History> {
    let page: History | undefined
    return new Promise((resolve) => {
      this.requests.push({
        read: () => (page ??= this.log.page(query)),
        answer: () => resolve((page ??= this.log.page(query))),
      })
    })
  }

  read(): void {
    this.requests[0]?.read()
  }

  async answered(): Promise<void> {
    ask = (query) => this.request(query)
    this.requests.shift()?.answer()
    await settled()
  }

  /** An answer to a request of one's own, which may come before the stream tells of it. */
  learn(pick: number): void {
    const entry = this.log.last > 0 ? this.log.entry(1 + (pick % this.log.last)) : undefined
    if (entry?.message) this.timelines.applyMessage(entry)
  }

  async finish(): Promise<void> {
    while (this.requests.length > 0) await this.answered()
    while (this.heard < this.log.last) this.hear(true)
    const timeline = this.timelines.byId.get(WHERE)
    const { last_message, unread } = this.conversations.byId.get(WHERE)!
    const shown = (timeline?.entries ?? []).filter((e) => e.message)
    expect(shown).toEqual(shown.map((e: Entry) => this.log.entry(e.seq)))
    const seqs = (timeline?.entries ?? []).map((e) => e.seq)
    expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i))
    if (timeline && !timeline.hasNewer) expect(seqs.at(-1) ?? 0).toBe(this.log.last)
    expect(last_message).toEqual(this.log.lastMessage())
    expect(unread).toBe(this.log.unread(this.me))
  }
}

const CHANGES = ['edit', 'deletion', 'reaction', 'reaction_removal', 'pin', 'unpin', 'file_removal'] as const
const LOADS = ['open', 'around', 'older', 'newer'] as const

const step = fc.record({
  who: fc.nat(2),
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constant('post' as const) },
    { weight: 4, arbitrary: fc.constantFrom(...CHANGES) },
    { weight: 4, arbitrary: fc.constant('hear' as const) },
    { weight: 3, arbitrary: fc.constantFrom(...LOADS) },
    { weight: 4, arbitrary: fc.constantFrom('read' as const, 'answered' as const, 'learn' as const) },
  ),
  pick: fc.nat(50),
})

async function run(steps: { who: number; what: string; pick: number }[]): Promise<void> {
  const log = new Log()
  const clients = PEOPLE.map((me) => new Client(me, log))
  for (const { who, what, pick } of steps) {
    const client = clients[who]!
    if (what === 'post') log.post(client.me)
    else if (what === 'hear') for (let i = 0; i <= pick % 4; i++) client.hear(pick % 2 === 0)
    else if (what === 'read') client.read()
    else if (what === 'answered') await client.answered()
    else if (what === 'learn') client.learn(pick)
    else if ((LOADS as readonly string[]).includes(what)) await client.load(what as (typeof LOADS)[number], pick)
    else log.change(what as (typeof CHANGES)[number], client.me, pick, pick % 3 ? '👍' : '🎉')
  }
  for (const client of clients) await client.finish()
}

it('everybody ends with what the server has, whatever they do and load at the same time', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), run), { numRuns: 1_000 })
}, 60_000)
