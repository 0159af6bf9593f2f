// Draws the application's icons into public/: a speech bubble with three dots.
// The pictures are drawn by distance functions, so no image library is needed.
import { writeFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'

const ACCENT = [11, 107, 96]
const LIGHT = [255, 255, 255]
const out = new URL('../public/', import.meta.url)

// Distance from a point to a rounded box around (cx, cy), negative inside.
function roundedBox(x, y, cx, cy, halfWidth, halfHeight, radius) {
  const dx = Math.abs(x - cx) - halfWidth + radius
  const dy = Math.abs(y - cy) - halfHeight + radius
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius
}

// Distance from a point to a triangle, negative inside; corners counter-clockwise or not.
function triangle(x, y, corners) {
  let inside = -Infinity
  const turn = Math.sign(cross(corners[0], corners[1], corners[2]))
  for (let i = 0; i < 3; i++) {
    const [ax, ay] = corners[i]
    const [bx, by] = corners[(i + 1) % 3]
    const length = Math.hypot(bx - ax, by - ay)
    inside = Math.max(inside, (-turn * ((bx - ax) * (y - ay) - (by - ay) * (x - ax))) / length)
  }
  return inside
}

function cross([ax, ay], [bx, by], [cx, cy]) {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}

const coverage = (distance, pixel) => Math.min(1, Math.max(0, 0.5 - distance / pixel))

// The colour at a point of the unit square. `corner` is the tile's corner radius, `scale` the drawing's size.
function colourAt(x, y, pixel, corner, scale) {
  const u = (x - 0.5) / scale + 0.5
  const v = (y - 0.5) / scale + 0.5
  const p = pixel / scale
  const tile = coverage(roundedBox(x, y, 0.5, 0.5, 0.5, 0.5, corner), pixel)
  const bubble = Math.max(
    coverage(roundedBox(u, v, 0.5, 0.46, 0.3, 0.22, 0.13), p),
    coverage(triangle(u, v, [[0.32, 0.6], [0.52, 0.66], [0.32, 0.82]]), p),
  )
  let dots = 0
  for (const cx of [0.37, 0.5, 0.63]) dots = Math.max(dots, coverage(Math.hypot(u - cx, v - 0.46) - 0.042, p))
  const light = bubble * (1 - dots)
  return [...ACCENT.map((a, i) => Math.round(a + (LIGHT[i] - a) * light)), Math.round(255 * tile)]
}

function crc(bytes) {
  let c = ~0
  for (const byte of bytes) {
    c ^= byte
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  }
  return ~c >>> 0
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc(body))
  return Buffer.concat([length, body, sum])
}

function png(size, corner, scale) {
  const rows = Buffer.alloc(size * (size * 4 + 1))
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const colour = colourAt((x + 0.5) / size, (y + 0.5) / size, 1 / size, corner, scale)
      rows.set(colour, y * (size * 4 + 1) + 1 + x * 4)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
  <rect width="100" height="100" rx="22" fill="#0b6b60"/>
  <path d="M33 24h34a13 13 0 0 1 13 13v18a13 13 0 0 1-13 13H50L32 82V68a13 13 0 0 1-12-13V37a13 13 0 0 1 13-13z" fill="#fff"/>
  <g fill="#0b6b60"><circle cx="37" cy="46" r="4.2"/><circle cx="50" cy="46" r="4.2"/><circle cx="63" cy="46" r="4.2"/></g>
</svg>
`

const dot = '  <circle cx="78" cy="22" r="20" fill="#d93025" stroke="#fff" stroke-width="5"/>\n</svg>'

writeFileSync(new URL('icon.svg', out), svg)
writeFileSync(new URL('icon-unread.svg', out), svg.replace('</svg>', dot))
writeFileSync(new URL('icon-192.png', out), png(192, 0.22, 1))
writeFileSync(new URL('icon-512.png', out), png(512, 0.22, 1))
writeFileSync(new URL('icon-maskable-512.png', out), png(512, 0, 0.8))
writeFileSync(new URL('apple-touch-icon.png', out), png(180, 0, 0.9))
