const FIRST_MS = 500
const MOST_MS = 30_000

/**
 * How long to wait before the next attempt: anything from half a second up to a bound that
 * doubles with each failure. The randomness spreads clients out after a restart of the server.
 */
export function backoff(attempt: number, random: () => number): number {
  const bound = Math.min(MOST_MS, FIRST_MS * 2 ** (attempt + 1))
  return Math.round(FIRST_MS + random() * (bound - FIRST_MS))
}
