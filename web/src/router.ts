import { createRouter, createWebHistory } from 'vue-router'
import type { RouteLocationNormalized } from 'vue-router'
import { useSession } from '@/features/accounts/session'
import { keepInvitation, landing } from '@/features/groups/invitation'

declare module 'vue-router' {
  interface RouteMeta {
    /** Only for those who are signed in, only for those who are not, or only for admins. */
    for?: 'members' | 'guests' | 'admins'
  }
}

const ConversationView = () => import('@/features/conversations/ConversationView.vue')

/** A search beside a conversation, with the message that one went to. */
const searching = (search: 'here' | 'everywhere') => (to: RouteLocationNormalized) => ({
  id: to.params.id,
  search,
  seq: to.params.seq ? Number(to.params.seq) : undefined,
})

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', redirect: '/c' },
    { path: '/setup', component: () => import('@/features/accounts/SetupPage.vue') },
    { path: '/sign-in', component: () => import('@/features/accounts/SignInPage.vue'), meta: { for: 'guests' } },
    { path: '/sign-up', component: () => import('@/features/accounts/SignUpPage.vue'), meta: { for: 'guests' } },
    { path: '/recover', component: () => import('@/features/accounts/RecoverPage.vue'), meta: { for: 'guests' } },
    { path: '/oidc', component: () => import('@/features/accounts/OidcPage.vue') },
    { path: '/verify', component: () => import('@/features/accounts/VerifyPage.vue') },
    {
      path: '/c',
      component: () => import('@/features/conversations/ChatPage.vue'),
      meta: { for: 'members' },
      children: [
        { path: '', component: () => import('@/features/conversations/NothingChosen.vue') },
        { path: 'scheduled', component: () => import('@/features/scheduled/ScheduledPage.vue') },
        { path: 'saved', component: () => import('@/features/saved/SavedPage.vue') },
        { path: '/people', component: () => import('@/features/people/PeoplePage.vue') },
        { path: 'uploads', component: () => import('@/features/files/OwnFilesPage.vue') },
        { path: 'threads', component: () => import('@/features/threads/ThreadsPage.vue') },
        { path: ':id', component: ConversationView, props: true },
        { path: ':id/members', component: ConversationView, props: (to) => ({ id: to.params.id, members: true }) },
        { path: ':id/pins', component: ConversationView, props: (to) => ({ id: to.params.id, pins: true }) },
        { path: ':id/files', component: ConversationView, props: (to) => ({ id: to.params.id, files: true }) },
        { path: ':id/t/:thread(\\d+)', component: ConversationView, props: (to) => ({ id: to.params.id, thread: Number(to.params.thread) }) },
        { path: ':id/search/:seq(\\d+)?', component: ConversationView, props: searching('here') },
        { path: ':id/results/:seq(\\d+)?', component: ConversationView, props: searching('everywhere') },
        { path: '/search', name: 'search', component: () => import('@/features/search/SearchPage.vue') },
        { path: ':id/m/:seq(\\d+)', component: ConversationView, props: (to) => ({ id: to.params.id, seq: Number(to.params.seq) }) },
      ],
    },
    {
      path: '/admin',
      component: () => import('@/features/admin/AdminPage.vue'),
      meta: { for: 'admins' },
      children: [
        { path: '', redirect: '/admin/overview' },
        { path: 'overview', component: () => import('@/features/admin/OverviewPanel.vue') },
        { path: 'users', component: () => import('@/features/admin/UsersPanel.vue') },
        { path: 'groups', component: () => import('@/features/admin/GroupsPanel.vue') },
        { path: 'storage', component: () => import('@/features/admin/StoragePanel.vue') },
        { path: 'reports', component: () => import('@/features/admin/ReportsPanel.vue') },
        { path: 'bans', component: () => import('@/features/admin/BansPanel.vue') },
        { path: 'filters', component: () => import('@/features/admin/FiltersPanel.vue') },
        { path: 'invites', component: () => import('@/features/admin/InvitesPanel.vue') },
        { path: 'programs', component: () => import('@/features/admin/ProgramsPanel.vue') },
        { path: 'settings', component: () => import('@/features/admin/SettingsPanel.vue') },
        { path: 'audit', component: () => import('@/features/admin/AuditPanel.vue') },
      ],
    },
    { path: '/join', component: () => import('@/features/groups/JoinPage.vue'), meta: { for: 'members' } },
    { path: '/:rest(.*)*', component: () => import('@/ui/NotFoundPage.vue') },
  ],
})

router.beforeEach(async (to) => {
  if (to.path === '/join' && to.hash) {
    keepInvitation(to.hash.slice(1))
    return { path: '/join', replace: true }
  }
  const session = useSession()
  await session.boot()
  const needed = to.meta.for
  if ((needed === 'members' || needed === 'admins') && session.phase !== 'in') {
    if (session.server?.setup_required) return '/setup'
    return { path: '/sign-in', query: /^\/(c|admin)\//.test(to.path) ? { next: to.fullPath } : {} }
  }
  if (needed === 'admins' && session.me?.role !== 'admin') return '/c'
  if (needed === 'guests' && session.phase === 'in') return landing()
  return true
})

// A link that is opened in this tab while the page still starts changes only the fragment. The
// router does not listen yet, and would put back the address that it started with.
const noteLink = () => (opened = location.pathname + location.search + location.hash)
let opened: string | undefined
window.addEventListener('popstate', noteLink)
void router.isReady().catch(() => {}).then(() => {
  window.removeEventListener('popstate', noteLink)
  if (opened) router.replace(opened).catch(() => {})
})
