import { describe, expect, it } from 'vitest'
import { MOST_SCALE, WHOLE, fitted, moved, zoomed } from './zoom'

const stage = { width: 400, height: 300 }
const fits = { width: 400, height: 200 }

describe('a picture that is shown large', () => {
  it('fits on the stage and is not enlarged by that', () => {
    expect(fitted({ width: 4000, height: 2000 }, stage)).toEqual({ width: 400, height: 200 })
    expect(fitted({ width: 1000, height: 3000 }, stage)).toEqual({ width: 100, height: 300 })
    expect(fitted({ width: 40, height: 20 }, stage)).toEqual({ width: 40, height: 20 })
  })

  it('is enlarged around the point that is pointed at', () => {
    const view = zoomed(WHOLE, 4, { x: 100, y: 0 }, fits, stage)
    expect(view).toEqual({ scale: 4, x: -300, y: 0 })
    // What was at 100 is at 100 still.
    expect(view.x + (100 - WHOLE.x) * view.scale).toBe(100)
  })

  it('is never smaller than whole, nor enlarged without an end', () => {
    expect(zoomed(WHOLE, 0.1, { x: 50, y: 50 }, fits, stage)).toEqual(WHOLE)
    expect(zoomed(WHOLE, 100, { x: 0, y: 0 }, fits, stage).scale).toBe(MOST_SCALE)
  })

  it('is moved to its edges and not beyond', () => {
    const large = { scale: 2, x: 0, y: 0 }
    expect(moved(large, { x: 1_000, y: -1_000 }, fits, stage)).toEqual({ scale: 2, x: 200, y: -50 })
    expect(moved(WHOLE, { x: 10, y: 10 }, fits, stage)).toEqual(WHOLE)
  })
})
