/** How a picture lies under a square frame: its scale beyond filling it, and its middle, in the picture's own pixels. */
export interface View {
  zoom: number
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export const MAX_ZOOM = 6

const within = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)

/** How many of the picture's pixels the frame shows on each side. */
export const shown = (size: Size, zoom: number) => Math.min(size.width, size.height) / zoom

/** The middle of the picture, as large as fills the frame. */
export const whole = (size: Size): View => ({ zoom: 1, x: size.width / 2, y: size.height / 2 })

/** The nearest view that leaves no part of the frame empty. */
export function fit(size: Size, view: View): View {
  const zoom = within(view.zoom, 1, MAX_ZOOM)
  const half = shown(size, zoom) / 2
  return { zoom, x: within(view.x, half, size.width - half), y: within(view.y, half, size.height - half) }
}
