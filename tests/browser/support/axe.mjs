// What a screen reader, a keyboard or weak eyes would stumble over.
import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Fails with what is wrong and where. Every rule is applied unless some are named. */
export async function assertAccessible(page, screen, rules) {
  // In the middle of a change the colours are neither those from before nor those that come.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished.catch(() => {}))))
  // There are no frames to gather from, so that the quicker mode does.
  const axe = new AxeBuilder({ page }).setLegacyMode(true)
  const { violations } = await (rules ? axe.withRules(rules) : axe.withTags(TAGS)).analyze()
  const told = violations.map(({ id, help, nodes }) => {
    const places = nodes.map((node) => `${node.html}\n      ${node.failureSummary?.replaceAll('\n', '\n      ')}`)
    return `${id}: ${help}\n    ${places.join('\n    ')}`
  })
  assert.deepEqual(told, [], `${screen} is not accessible:\n${told.join('\n')}`)
}

/** The same by light and by dark; in the dark only the colours differ. */
export async function assertAccessibleInBoth(page, screen) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await assertAccessible(page, `${screen} (${colorScheme})`, colorScheme === 'dark' ? ['color-contrast'] : undefined)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}
