// The shapes of the HTTP API under the names the page uses.
import type { components, paths as served } from './schema'

type Schemas = components['schemas']

export type Uuid = string
export type Role = Schemas['Role']
export type PresenceState = Schemas['PresenceState']
export type PresenceChoice = Schemas['PresenceChoice']
export type Visibility = Schemas['Visibility']
export type MemberRole = Schemas['MemberRole']
export type User = Schemas['User']
export type CustomStatus = Schemas['CustomStatus']
export type Account = Schemas['Account']
export type DeviceSession = Schemas['Session']
export type DeletionPreview = Schemas['DeletionPreview']
export type ManagedAccount = Schemas['ManagedAccount']
export type MadeAccount = Schemas['MadeAccount']
export type Report = Schemas['Report']
export type ReportReason = Schemas['ReportReason']
export type ResetLink = Schemas['ResetLink']
export type TemporaryPassword = Schemas['TemporaryPassword']
export type Ban = Schemas['Ban']
export type AuditEntry = Schemas['AuditEntry']
export type AuditAction = Schemas['AuditAction']
export type Group = Schemas['Group']
export type ListedGroup = Schemas['PublicGroup']
export type InviteLink = Schemas['InviteLink']
export type Invitation = Schemas['Invitation']
export type Member = Schemas['Member']
export type Entry = Schemas['Entry']
export type Target = Schemas['Target']
export type Changes = Schemas['Changes']
export type InThread = Schemas['InThread']
export type Replies = Schemas['Replies']
export type Thread = Schemas['Thread']
export type Forwarded = Schemas['Forwarded']
export type Draft = Schemas['Draft']
export type ScheduledMessage = Schemas['Scheduled']
export type SavedMessage = Schemas['Saved']
export type Reaction = Schemas['Reaction']
export type Mentions = Schemas['Mentions']
export type AppNotification = Schemas['Notification']
export type NotificationKind = Schemas['NotificationKind']
export type NotificationSettings = Schemas['NotificationSettings']
export type NotificationSummary = Schemas['NotificationSummary']
export type Preferences = Schemas['Preferences']
export type Cursor = Schemas['Cursor']
export type Conversation = Schemas['Conversation']
export type ServerInfo = Schemas['ServerInfo']
export type RegistrationPolicy = Schemas['RegistrationPolicy']
export type ServerSettings = Schemas['ServerSettings']
export type Invite = Schemas['Invite']
export type InviteSummary = Schemas['InviteSummary']
export type SignedIn = Schemas['SignedInBody']
export type History = Schemas['History']
export type NewGroup = Schemas['CreateRequest']
export type FieldProblem = Schemas['FieldError']
export type Problem = Schemas['Problem']

/** One page of a list. */
export interface Page<T> {
  items: T[]
  next: string | null
}

/** The operations, by their address below `/api/v1`. */
export type paths = {
  [Path in keyof served as Path extends `/api/v1${infer Rest}` ? Rest : never]: served[Path]
}
