type Translate = (key: string, values: Record<string, unknown>, count: number) => string

/** How long members wait between two messages, in the largest unit that says it exactly. */
export function waitText(seconds: number, t: Translate): string {
  if (seconds === 0) return t('group_rules.no_wait', {}, 0)
  for (const [unit, size] of [['hours', 3600], ['minutes', 60]] as const) {
    if (seconds % size === 0) return t(`group_rules.${unit}`, { n: seconds / size }, seconds / size)
  }
  return t('group_rules.seconds', { n: seconds }, seconds)
}
