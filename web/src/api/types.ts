// The shapes of the HTTP API, by hand until they are generated from the OpenAPI document.
// With a generated `schema.d.ts` this file becomes aliases: `components['schemas'][…]` and `paths`.

export type Uuid = string
export type Role = 'user' | 'admin'
export type PresenceState = 'online' | 'away' | 'do_not_disturb' | 'offline'
export type Visibility = 'public' | 'private'
export type MemberRole = 'owner' | 'moderator' | 'member'
export type EntryKind = 'message' | 'join' | 'leave' | 'removal' | 'rename'

export interface User {
  id: Uuid
  user_code: string
  username: string
  name: string
  about: string
  role: Role
  status: 'active' | 'deleted'
  created_at: string
  presence: PresenceState
  last_seen_at: string | null
}

export interface Account {
  id: Uuid
  user_code: string
  username: string
  name: string
  about: string
  email: string | null
  role: Role
  created_at: string
}

export interface Presence {
  user: Uuid
  state: PresenceState
  last_seen_at: string | null
}

export interface Group {
  id: Uuid
  name: string
  description: string
  visibility: Visibility
  lobby: boolean
  read_only: boolean
  member_count: number
  created_by: Uuid | null
  created_at: string
}

export interface ListedGroup extends Group {
  joined: boolean
}

export interface Member {
  user: User
  role: MemberRole
  joined_at: string
}

export interface Message {
  id: Uuid
  client_id: Uuid
  body: string
  reply_to: Uuid | null
}

export interface Entry {
  conversation: Uuid
  seq: number
  kind: EntryKind
  actor: Uuid | null
  created_at: string
  message?: Message
  subject?: Uuid
  name?: string
}

export interface Cursor {
  user: Uuid
  delivered_seq: number
  read_seq: number
}

export interface Conversation {
  id: Uuid
  kind: 'direct' | 'group'
  group: Group | null
  peer: User | null
  peer_cursor: Cursor | null
  role: MemberRole
  last_seq: number
  floor_seq: number
  read_seq: number
  delivered_seq: number
  unread: number
  last_message: Entry | null
}

export interface ServerInfo {
  name: string
  version: string
  setup_required: boolean
  registration: 'open' | 'closed'
  password_min_length: number
  message_max_length: number
  insecure: boolean
}

export interface SignedIn {
  user: Account
  name: string
  generated_password?: string | null
}

export interface History {
  items: Entry[]
  has_older: boolean
  has_newer: boolean
  last_seq: number
}

export interface Page<T> {
  items: T[]
  next: string | null
}

export interface FieldProblem {
  field: string
  code: string
  message: string
}

export interface Problem {
  type?: string
  title: string
  status: number
  code: string
  detail: string
  request_id?: string
  errors?: FieldProblem[]
  retry_after_ms?: number
  ban?: { reason: string; until: string | null }
}

export interface NewGroup {
  name: string
  description?: string
  visibility: Visibility
  members?: Uuid[]
}

interface Credentials {
  username: string
  name: string
  password?: string
  email?: string
  session: 'cookie'
}

interface Answers<Answer> {
  200: { headers: Record<string, unknown>; content: { 'application/json': Answer } }
  default: { headers: Record<string, unknown>; content: { 'application/problem+json': Problem } }
}

interface Get<Answer, Query = never, Path = never> {
  parameters: { query?: Query; header?: never; cookie?: never } & PathOf<Path>
  requestBody?: never
  responses: Answers<Answer>
}

interface Change<Answer, Body, Path = never> {
  parameters: { query?: never; header?: never; cookie?: never } & PathOf<Path>
  requestBody: { content: { 'application/json': Body } }
  responses: Answers<Answer>
}

interface Bare<Answer, Path = never> {
  parameters: { query?: never; header?: never; cookie?: never } & PathOf<Path>
  requestBody?: never
  responses: Answers<Answer>
}

type PathOf<Path> = [Path] extends [never] ? { path?: never } : { path: Path }

interface OnlyId {
  id: Uuid
}
interface Paging {
  limit?: number
  after?: string
}

export interface paths {
  '/server': { get: Get<ServerInfo> }
  '/setup': { post: Change<SignedIn, Credentials & { token: string }> }
  '/auth/register': { post: Change<SignedIn, Credentials> }
  '/auth/login': {
    post: Change<SignedIn, { login: string; password: string; remember?: boolean; session: 'cookie' }>
  }
  '/auth/logout': { post: Bare<undefined> }
  '/users/me': {
    get: Get<Account>
    patch: Change<Account, { name?: string; about?: string; email?: string }>
  }
  '/users': { get: Get<Page<User>, Paging & { search?: string; ids?: string }> }
  '/conversations/{id}': { get: Get<Conversation, never, OnlyId> }
  '/conversations/direct': { post: Change<Conversation, { user: Uuid }> }
  '/conversations/{id}/messages': {
    get: Get<History, { before?: number; after?: number; around?: number; limit?: number }, OnlyId>
  }
  '/groups': {
    get: Get<Page<ListedGroup>, Paging & { search?: string }>
    post: Change<Group, NewGroup>
  }
  '/groups/{id}': {
    patch: Change<Group, { name?: string; description?: string; visibility?: Visibility }, OnlyId>
  }
  '/groups/{id}/members': { get: Get<Page<Member>, Paging, OnlyId> }
  '/groups/{id}/members/{user}': {
    put: Bare<Member, OnlyId & { user: Uuid }>
    delete: Bare<undefined, OnlyId & { user: Uuid }>
  }
}
