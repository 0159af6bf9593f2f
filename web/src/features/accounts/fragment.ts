import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * Takes what links to this page carry in their fragment, which is not sent to servers, and has it
 * leave the address bar: the link that the page was opened with, and later ones that are opened in
 * the same tab, which change only the fragment.
 */
export function whenLinked(name: string, take: (found: string) => void): void {
  const route = useRoute()
  const router = useRouter()
  watch(() => route.hash, (hash) => {
    const found = new URLSearchParams(hash.slice(1)).get(name)
    if (!found) return
    void router.replace(route.path)
    take(found)
  }, { immediate: true })
}
