import { openDB } from 'idb'
import type { DBSchema, IDBPDatabase } from 'idb'
import type { Conversation, User, Uuid } from '@/api/types'
import type { OutboxItem, OutboxStore } from './outbox'

/** What is shown while there is no connection: the conversations as they last were. */
export interface Snapshot {
  user: Uuid
  conversations: Conversation[]
  users: User[]
}

interface Schema extends DBSchema {
  outbox: { key: Uuid; value: OutboxItem; indexes: { user: Uuid } }
  snapshots: { key: Uuid; value: Snapshot }
}

let opened: Promise<IDBPDatabase<Schema>> | undefined

function open(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('parlor', 1, {
    upgrade(db) {
      db.createObjectStore('outbox', { keyPath: 'client_id' }).createIndex('user', 'user')
      db.createObjectStore('snapshots', { keyPath: 'user' })
    },
  })
  return opened
}

/** The outbox in IndexedDB, or in memory where the browser allows no storage. */
export async function outboxStore(): Promise<OutboxStore> {
  try {
    const db = await open()
    return {
      all: (user) => db.getAllFromIndex('outbox', 'user', user),
      put: async (item) => void (await db.put('outbox', item)),
      remove: (clientId) => db.delete('outbox', clientId),
    }
  } catch {
    return memoryStore()
  }
}

export function memoryStore(): OutboxStore {
  const items = new Map<Uuid, OutboxItem>()
  return {
    all: async (user) => [...items.values()].filter((item) => item.user === user),
    put: async (item) => void items.set(item.client_id, item),
    remove: async (clientId) => void items.delete(clientId),
  }
}

export async function loadSnapshot(user: Uuid): Promise<Snapshot | undefined> {
  try {
    return await (await open()).get('snapshots', user)
  } catch {
    return undefined
  }
}

export async function saveSnapshot(snapshot: Snapshot): Promise<void> {
  try {
    await (await open()).put('snapshots', snapshot)
  } catch {
    // Without storage a reload without a connection shows an empty list.
  }
}

export async function dropSnapshots(): Promise<void> {
  try {
    await (await open()).clear('snapshots')
  } catch {
    // Nothing was stored then.
  }
}
