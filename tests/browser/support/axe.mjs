// What a screen reader, a keyboard or weak eyes would stumble over.
import assert from 'node:assert/strict'
import AxeBuilder from '@axe-core/playwright'

/** Fails with what is wrong and where. */
export async function assertAccessible(page, screen) {
  // The page's policy forbids script from elsewhere; the test injects axe past it (bypassCSP).
  const { violations } = await new AxeBuilder.default({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map((node) => node.html).join('\n    ')}`)
  assert.deepEqual(told, [], `${screen} is not accessible:\n${told.join('\n')}`)
}
