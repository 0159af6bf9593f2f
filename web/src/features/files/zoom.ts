/** How a picture lies on its stage: how much it is enlarged, and how far its middle is from that of the stage. */
export interface View {
  scale: number
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export interface Point {
  x: number
  y: number
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 }
export const MOST_SCALE = 8
/** By how much one press of a button enlarges. */
export const STEP = 1.5

const within = (value: number, most: number) => Math.min(most, Math.max(-most, value))

/** As large as fits on the stage, and never larger than the picture is. */
export function fitted(picture: Size, stage: Size): Size {
  const factor = Math.min(1, stage.width / picture.width, stage.height / picture.height)
  return { width: picture.width * factor, height: picture.height * factor }
}

/** The nearest view in which no edge of the picture is further inside the stage than it has to be. */
export function held(view: View, fits: Size, stage: Size): View {
  const scale = Math.min(MOST_SCALE, Math.max(1, view.scale))
  const room = (size: number, of: number) => Math.max(0, (size * scale - of) / 2)
  return { scale, x: within(view.x, room(fits.width, stage.width)), y: within(view.y, room(fits.height, stage.height)) }
}

/** Enlarged by a factor, while what lies at a point of the stage (from its middle) stays there. */
export function zoomed(view: View, factor: number, at: Point, fits: Size, stage: Size): View {
  const scale = Math.min(MOST_SCALE, Math.max(1, view.scale * factor))
  const grown = scale / view.scale
  return held({ scale, x: at.x - (at.x - view.x) * grown, y: at.y - (at.y - view.y) * grown }, fits, stage)
}

/** Moved by hand. */
export function moved(view: View, by: Point, fits: Size, stage: Size): View {
  return held({ ...view, x: view.x + by.x, y: view.y + by.y }, fits, stage)
}
