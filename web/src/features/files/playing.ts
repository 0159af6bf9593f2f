import { ref } from 'vue'

/** Who is heard at the moment. */
let heard: HTMLMediaElement | undefined

/** One plays at a time: whoever begins ends the one before. */
export function alone(event: Event): void {
  const player = event.target as HTMLMediaElement
  if (heard !== player) heard?.pause()
  heard = player
}

/** Where something else is about to be heard, such as a microphone. */
export function silence(): void {
  heard?.pause()
  heard = undefined
}

const SPEEDS = [1, 1.5, 2]

/** How fast people are listened to; whoever is in a hurry is so for all of them. */
export const speed = ref(1)

export function faster(): void {
  speed.value = SPEEDS[(SPEEDS.indexOf(speed.value) + 1) % SPEEDS.length]!
}

/** "1:05", "1:01:05": a place in something that plays. */
export function clock(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0
  const two = (number: number) => String(number).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
