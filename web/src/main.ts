import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { whenSignedOut } from './api/client'
import App from './App.vue'
import { useSession } from './features/accounts/session'
import { i18n, startLanguage } from './i18n'
import { registerWorker, whenOpened } from './pwa'
import { router } from './router'
import './tokens.css'
import './base.css'
import './features/messages/message-text.css'

const app = createApp(App)
app.use(createPinia()).use(i18n).use(router)

const session = useSession()
whenSignedOut(() => {
  if (session.phase === 'in') session.leave({ kind: 'ended', reason: '' })
})

await startLanguage()
app.mount('#app')
whenOpened((path) => void router.push(path))
void registerWorker()
