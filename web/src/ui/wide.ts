import { readonly, ref } from 'vue'

function matches(condition: string) {
  const query = matchMedia(condition)
  const now = ref(query.matches)
  query.addEventListener('change', () => (now.value = query.matches))
  return readonly(now)
}

/** Whether there is room for a panel beside a conversation; where there is none, the panel takes its place. */
export const isWide = matches('(min-width: 720px)')

/** Whether there is room for few buttons beside the name of a conversation, as on a phone. */
export const isNarrow = matches('(max-width: 479px)')
