import { expect, it } from 'vitest'
import { avatarColour, initials } from './initials'

it('stands for a name with one or two letters', () => {
  expect(initials('Ana Popescu')).toBe('AP')
  expect(initials('ana maria pop')).toBe('AP')
  expect(initials('dan')).toBe('D')
  expect(initials('élan')).toBe('É')
  expect(initials('Ana (dev)')).toBe('AD')
  expect(initials('...')).toBe('?')
})

it('gives the same key the same colour, with white text readable on all', () => {
  const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  expect(avatarColour('a')).toBe(avatarColour('a'))
  for (let i = 0; i < 100; i++) expect(1.05 / (luminance(avatarColour(`key ${i}`)) + 0.05)).toBeGreaterThan(4.5)
})
