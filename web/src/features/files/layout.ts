import type { PostedFile, SharedFile } from '@/api/types'

/** Pictures in their place are at most this large, in CSS pixels. */
const MOST_WIDTH = 416
const MOST_HEIGHT = 320

/** What is much longer than wide, or wider than long, is shown with its middle. */
const LONGEST = 2.5

/** The most tiles; the last one tells how many more there are. */
const TILES = 4

/** What nothing is known of is shown like a photo. */
const UNKNOWN = { width: 4, height: 3 }

/** A box that is there before the picture is, so that nothing moves when it comes. */
export interface Box {
  /** How wide it would like to be, in CSS pixels; a narrow page makes it narrower. */
  width: number
  /** Its width by its height. */
  ratio: number
}

export interface Gallery {
  tiles: SharedFile[]
  /** How many pictures have no tile. */
  more: number
  box: Box
}

/** The box of a single picture: in its own proportions, and never larger than it is. */
export function boxOf({ width, height }: { width?: number | null; height?: number | null }): Box {
  const known = width && height ? { width, height } : { width: MOST_WIDTH, height: (MOST_WIDTH * UNKNOWN.height) / UNKNOWN.width }
  const ratio = Math.min(LONGEST, Math.max(1 / LONGEST, known.width / known.height))
  const natural = Math.max(known.width, known.height * ratio)
  return { width: Math.round(Math.min(MOST_WIDTH, MOST_HEIGHT * ratio, Math.max(natural, 64))), ratio }
}

/** How many pictures lie together: two beside each other, three with a large one, or in two rows. */
export function galleryOf(pictures: SharedFile[]): Gallery {
  const tiles = pictures.slice(0, TILES)
  const more = pictures.length - tiles.length
  if (tiles.length === 1) return { tiles, more, box: boxOf(tiles[0]!) }
  const ratio = { 2: 2, 3: 3 / 2 }[tiles.length] ?? 4 / 3
  return { tiles, more, box: { width: MOST_WIDTH, ratio } }
}

/** What of a message's files is shown how, each in their order. */
export function partsOf(files: SharedFile[]): { pictures: SharedFile[]; players: SharedFile[]; cards: SharedFile[] } {
  const of = (...kinds: string[]) => files.filter((file) => kinds.includes(file.kind))
  return { pictures: of('picture'), players: of('video', 'audio'), cards: of('document') }
}

/** Files of a list in a row: pictures, which lie beside each other, or others, one below the other. */
export interface Run {
  pictures: boolean
  items: PostedFile[]
}

/** A list in parts, so that pictures that follow each other are shown together. */
export function runsOf(files: PostedFile[]): Run[] {
  const runs: Run[] = []
  for (const one of files) {
    const pictures = one.file.kind === 'picture'
    const last = runs.at(-1)
    if (last?.pictures === pictures) last.items.push(one)
    else runs.push({ pictures, items: [one] })
  }
  return runs
}
