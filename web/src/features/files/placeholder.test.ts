import { expect, test } from 'vitest'
import { rgbaToThumbHash } from 'thumbhash'
import { decode } from './placeholder'

test('a placeholder has the colour and the proportions of its picture', () => {
  const pixels = Array.from({ length: 20 * 10 }, () => [200, 30, 40, 255]).flat()
  const base64 = btoa(String.fromCharCode(...rgbaToThumbHash(20, 10, pixels)))
  const { width, height, pixels: decoded } = decode(base64)!
  expect(decoded).toHaveLength(width * height * 4)
  expect(width).toBeGreaterThan(height)
  const [red, green] = decoded
  expect(red).toBeGreaterThan(150)
  expect(green).toBeLessThan(80)
})

test('what is no placeholder shows nothing', () => {
  for (const text of ['', '!', 'AA==']) expect(decode(text)?.width ?? 0, text).toBeLessThanOrEqual(32)
  expect(decode('!')).toBeUndefined()
})
