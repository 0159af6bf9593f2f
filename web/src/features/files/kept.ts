import { openDB } from 'idb'
import type { DBSchema, IDBPDatabase } from 'idb'
import type { Uuid } from '@/api/types'
import type { MediaFacts } from './media'

/** A file that is attached and not uploaded yet, as it outlasts a reload. */
export interface KeptFile {
  id: Uuid
  user: Uuid
  /** By which its composer is known. */
  key: string
  name: string
  source: Blob
  /** What the page found out when it recorded it. */
  facts?: MediaFacts | undefined
  /** Where the server keeps what came of it. */
  address?: string | undefined
}

interface Schema extends DBSchema {
  files: { key: Uuid; value: KeptFile; indexes: { user: Uuid } }
}

/** Another page that has it is about to go when this one is its reload. */
const PATIENCE_MS = 2_000

let opened: Promise<IDBPDatabase<Schema>> | undefined
const releases = new Map<Uuid, () => void>()

/** One after the other: what is let go of at once must not be kept a moment later. */
let last: Promise<unknown> = Promise.resolve()

function inTurn<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const done = last.then(async () => work(await open()))
  last = done.catch(() => {})
  return done
}

function open(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('parlor-uploads', 1, {
    upgrade: (db) => void db.createObjectStore('files', { keyPath: 'id' }).createIndex('user', 'user'),
  })
  return opened
}

/** Makes this page the only one that uploads a file; whether it is. */
function hold(id: Uuid): Promise<boolean> {
  // Pages that are not reached over HTTPS have no locks, and are opened once, mostly.
  if (!globalThis.navigator?.locks) return Promise.resolve(true)
  return new Promise((resolve) => {
    const held = () => {
      resolve(true)
      return new Promise<void>((release) => releases.set(id, release))
    }
    navigator.locks.request(`parlor.upload.${id}`, { signal: AbortSignal.timeout(PATIENCE_MS) }, held).catch(() => resolve(false))
  })
}

function release(id: Uuid): void {
  releases.get(id)?.()
  releases.delete(id)
}

/** Keeps a file until it is let go of. Where the browser keeps nothing, it lasts as long as the page. */
export async function keepFile(file: KeptFile): Promise<void> {
  void hold(file.id)
  try {
    await inTurn((db) => db.put('files', file))
  } catch {
    // As above.
  }
}

/** Notes where the server keeps what came of a file. */
export async function keepAddress(id: Uuid, address: string): Promise<void> {
  try {
    await inTurn(async (db) => {
      const work = db.transaction('files', 'readwrite')
      const file = await work.store.get(id)
      if (file) await work.store.put({ ...file, address })
      await work.done
    })
  } catch {
    // As above.
  }
}

/** Lets go of a file. */
export async function dropFile(id: Uuid): Promise<void> {
  release(id)
  try {
    await inTurn((db) => db.delete('files', id))
  } catch {
    // Nothing was kept then.
  }
}

/** What was kept for somebody and no other page uploads, in the order in which it was attached. */
export async function keptFiles(user: Uuid): Promise<KeptFile[]> {
  try {
    const files = await inTurn((db) => db.getAllFromIndex('files', 'user', user))
    const held = await Promise.all(files.map((file) => hold(file.id)))
    return files.filter((_, index) => held[index])
  } catch {
    return []
  }
}

/** Lets go of everything. */
export async function dropFiles(): Promise<void> {
  for (const id of [...releases.keys()]) release(id)
  try {
    await inTurn((db) => db.clear('files'))
  } catch {
    // Nothing was kept then.
  }
}
