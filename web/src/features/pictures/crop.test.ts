import { describe, expect, it } from 'vitest'
import { fit, MAX_ZOOM, shown, whole } from './crop'

const wide = { width: 800, height: 400 }

describe('a picture under its frame', () => {
  it('fills the frame at first, with its middle', () => {
    expect(shown(wide, 1)).toBe(400)
    expect(fit(wide, whole(wide))).toEqual({ zoom: 1, x: 400, y: 200 })
  })
  it('never leaves a part of the frame empty', () => {
    expect(fit(wide, { zoom: 1, x: -50, y: 900 })).toEqual({ zoom: 1, x: 200, y: 200 })
    expect(fit(wide, { zoom: 2, x: 790, y: 10 })).toEqual({ zoom: 2, x: 700, y: 100 })
    expect(fit(wide, { zoom: 99, x: 400, y: 200 }).zoom).toBe(MAX_ZOOM)
    expect(fit(wide, { zoom: 0, x: 400, y: 200 }).zoom).toBe(1)
  })
})
