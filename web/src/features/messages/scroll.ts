import { nextTick, onBeforeUnmount, onMounted, ref, watch } from 'vue'
import type { Ref } from 'vue'

const BOTTOM_PX = 48

/**
 * Keeps what the reader looks at in its place when rows come or go above or below it, and keeps
 * the end in view for a reader who is at the end. `rows` is whatever changes with the rows.
 */
export function useKeptScroll(scroller: Ref<HTMLElement | null>, rows: Ref<unknown>, endless: Ref<boolean>) {
  const atBottom = ref(true)
  let anchors: { element: Element; top: number }[] = []

  const below = (el: HTMLElement) => el.scrollHeight - el.scrollTop - el.clientHeight
  // Being at the bottom of a window whose newer part is not loaded is not being at the end.
  const measure = () => (atBottom.value = !!scroller.value && below(scroller.value) < BOTTOM_PX && !endless.value)

  function toBottom(smooth = false): void {
    const el = scroller.value
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    el?.scrollTo({ top: el.scrollHeight, behavior: smooth && !still ? 'smooth' : 'instant' })
    if (!smooth) measure()
  }

  /** Brings an element into view, a quarter from the top. */
  function toElement(element: Element): void {
    const el = scroller.value
    if (!el) return
    const offset = element.getBoundingClientRect().top - el.getBoundingClientRect().top
    el.scrollTo({ top: el.scrollTop + offset - el.clientHeight / 4, behavior: 'instant' })
    measure()
  }

  function remember(): void {
    anchors = []
    const el = scroller.value
    if (!el || atBottom.value) return
    const top = el.getBoundingClientRect().top
    // Days and the "new" line move along with the rows around them, so that they are no hold.
    for (const element of el.querySelectorAll('[data-key]')) {
      const box = element.getBoundingClientRect()
      if (box.bottom > top) anchors.push({ element, top: box.top })
      if (anchors.length === 4) break
    }
  }

  function restore(): void {
    const el = scroller.value
    if (!el) return
    if (atBottom.value && !endless.value) return toBottom()
    const kept = anchors.find(({ element }) => element.isConnected)
    if (kept) el.scrollTop += kept.element.getBoundingClientRect().top - kept.top
  }

  watch(rows, remember, { flush: 'pre' })
  watch(rows, restore, { flush: 'post' })

  /** Lets something change its size while an element stays where it is on the screen. */
  async function hold(element: Element, change: () => void): Promise<void> {
    const before = element.getBoundingClientRect().top
    change()
    await nextTick()
    if (scroller.value) scroller.value.scrollTop += element.getBoundingClientRect().top - before
    // Before the change is noticed below: whoever now has more to read is not at the end.
    measure()
  }

  const resized = new ResizeObserver(() => {
    if (atBottom.value) toBottom()
  })
  onMounted(() => {
    if (!scroller.value) return
    resized.observe(scroller.value)
    for (const child of scroller.value.children) resized.observe(child)
    void nextTick(measure)
  })
  onBeforeUnmount(() => resized.disconnect())

  return { atBottom, measure, below, toBottom, toElement, hold }
}
