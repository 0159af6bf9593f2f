import type { Point } from './zoom'

export interface Gestures {
  /** Enlarge by a factor at a point. */
  zoom(factor: number, at: Point): void
  move(by: Point): void
  /** A quick stroke to one side: -1 to the left, 1 to the right. */
  swipe(side: -1 | 1): void
  /** Two taps or clicks at a point. */
  twice(at: Point): void
}

const SWIPE_PX = 60
const TAP_PX = 12
const TWICE_MS = 350
const WHEEL_STEP = 1 / 400

/** Understands fingers, the mouse and its wheel on a stage. Points are told from the stage's middle. */
export function useGestures(stage: () => HTMLElement | null, enlarged: () => boolean, told: Gestures) {
  const pointers = new Map<number, Point>()
  let from: Point = { x: 0, y: 0 }
  /** Whether it was with more than one finger at any time: that is no stroke and no tap. */
  let several = false
  let tapped: { at: Point; time: number } | undefined

  function pointOf(event: MouseEvent): Point {
    const box = stage()?.getBoundingClientRect()
    return box ? { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 } : { x: 0, y: 0 }
  }

  const spread = ([one, other]: Point[]) => Math.hypot(one!.x - other!.x, one!.y - other!.y)
  const middle = ([one, other]: Point[]): Point => ({ x: (one!.x + other!.x) / 2, y: (one!.y + other!.y) / 2 })

  function pointerdown(event: PointerEvent): void {
    if (event.button !== 0) return
    const at = pointOf(event)
    pointers.set(event.pointerId, at)
    stage()?.setPointerCapture(event.pointerId)
    if (pointers.size === 1) [from, several] = [at, false]
    else several = true
  }

  function pointermove(event: PointerEvent): void {
    const before = pointers.get(event.pointerId)
    if (!before) return
    const at = pointOf(event)
    const two = [...pointers.values()].slice(0, 2)
    pointers.set(event.pointerId, at)
    if (two.length === 1) {
      if (enlarged()) told.move({ x: at.x - before.x, y: at.y - before.y })
      return
    }
    const now = [...pointers.values()].slice(0, 2)
    const [center, was] = [middle(now), middle(two)]
    told.zoom(spread(now) / Math.max(1, spread(two)), center)
    told.move({ x: center.x - was.x, y: center.y - was.y })
  }

  function pointerup(event: PointerEvent): void {
    if (!pointers.delete(event.pointerId) || pointers.size > 0 || several) return
    const at = pointOf(event)
    const [right, down] = [at.x - from.x, at.y - from.y]
    if (Math.hypot(right, down) < TAP_PX) tap(at, event.timeStamp)
    else if (!enlarged() && event.pointerType !== 'mouse' && Math.abs(right) > SWIPE_PX && Math.abs(right) > 2 * Math.abs(down)) told.swipe(right < 0 ? -1 : 1)
  }

  function tap(at: Point, time: number): void {
    const again = tapped && time - tapped.time < TWICE_MS && Math.hypot(at.x - tapped.at.x, at.y - tapped.at.y) < 3 * TAP_PX
    tapped = again ? undefined : { at, time }
    if (again) told.twice(at)
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault()
    told.zoom(Math.exp(-event.deltaY * WHEEL_STEP), pointOf(event))
  }

  const pointercancel = (event: PointerEvent) => void pointers.delete(event.pointerId)
  return { pointerdown, pointermove, pointerup, pointercancel, wheel }
}
