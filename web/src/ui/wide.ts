import { readonly, ref } from 'vue'

const query = matchMedia('(min-width: 720px)')
const wide = ref(query.matches)
query.addEventListener('change', () => (wide.value = query.matches))

/** Whether there is room for a panel beside a conversation; where there is none, the panel takes its place. */
export const isWide = readonly(wide)
