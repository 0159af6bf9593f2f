import { computed, onBeforeUnmount, ref } from 'vue'

const LONG_PRESS_MS = 450
const STILL_PX = 10

const keyAt = (target: EventTarget | null) => (target as Element | null)?.closest<HTMLElement>('[data-key]')?.dataset.key ?? ''

/**
 * Which row somebody points at, with the mouse or the keyboard; and long presses, which take the
 * place of both on a touch screen.
 */
export function usePointing(pressed: (key: string) => void) {
  const hovered = ref('')
  const focused = ref('')
  /** While a menu of a row is open, nothing else is pointed at. */
  const held = ref('')
  const pointed = computed(() => held.value || hovered.value || focused.value)
  let timer: ReturnType<typeof setTimeout> | undefined
  let from = { x: 0, y: 0 }
  let fired = false

  const cancel = () => clearTimeout(timer)
  onBeforeUnmount(cancel)

  function began(event: PointerEvent): void {
    cancel()
    fired = false
    const key = keyAt(event.target)
    if (event.pointerType !== 'touch' || !event.isPrimary || !key) return
    from = { x: event.clientX, y: event.clientY }
    timer = setTimeout(() => {
      fired = true
      pressed(key)
    }, LONG_PRESS_MS)
  }

  function moved(event: PointerEvent): void {
    if (event.pointerType === 'mouse') hovered.value = keyAt(event.target)
    else if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL_PX) cancel()
  }

  /** What a press was for is done: nothing under the finger is clicked or focused on top of it. */
  function swallow(event: Event): void {
    if (fired) event.preventDefault()
  }

  const listeners = {
    pointerdown: began,
    pointermove: moved,
    pointerup: cancel,
    pointercancel: cancel,
    pointerleave: () => ((hovered.value = ''), cancel()),
    focusin: (event: FocusEvent) => void (focused.value = keyAt(event.target)),
    focusout: () => void (focused.value = ''),
    keydown: () => void (hovered.value = ''),
    touchend: swallow,
    contextmenu: swallow,
  }

  return { pointed, held, listeners }
}
