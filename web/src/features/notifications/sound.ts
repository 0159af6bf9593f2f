let context: AudioContext | undefined

const NOTES = [660, 880]
const NOTE_S = 0.11
const LOUDNESS = 0.08

/** Two short notes. Until somebody has clicked on the page the browser keeps it silent. */
export function playTone(): void {
  if (typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  if (context.state === 'suspended') void context.resume().catch(() => {})
  const start = context.currentTime
  NOTES.forEach((frequency, index) => {
    const oscillator = new OscillatorNode(context!, { type: 'sine', frequency })
    const loudness = new GainNode(context!, { gain: 0 })
    const at = start + index * NOTE_S
    loudness.gain.setValueAtTime(0, at)
    loudness.gain.linearRampToValueAtTime(LOUDNESS, at + 0.015)
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_S * 2)
    oscillator.connect(loudness).connect(context!.destination)
    oscillator.start(at)
    oscillator.stop(at + NOTE_S * 2)
  })
}
