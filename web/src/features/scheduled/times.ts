/** When to send a message later, as it is offered. */
export const PRESETS = ['hour', 'tomorrow', 'monday'] as const
export type Preset = (typeof PRESETS)[number]

const HOUR_MS = 3_600_000
const MORNING = 9

/** The moment that a preset means now. Next Monday is never today. */
export function momentOf(preset: Preset, now: Date): Date {
  const morning = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING)
  switch (preset) {
    case 'hour':
      return new Date(now.getTime() + HOUR_MS)
    case 'tomorrow':
      return morning(1)
    case 'monday':
      return morning(now.getDay() === 0 ? 1 : 8 - now.getDay())
  }
}

const YEAR_DAYS = 366

/** Whether the server would take this moment. */
export function isGood(moment: Date, now: Date): boolean {
  return moment > now && moment.getTime() - now.getTime() <= YEAR_DAYS * 24 * HOUR_MS
}

/** A moment as a field for a date and a time has it, in local time. */
export function fieldValue(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
