import { isVNode } from 'vue'
import type { VNodeChild } from 'vue'
import { describe, expect, it } from 'vitest'
import { highlight } from './highlight'
import { LANGUAGES, languageOf } from './languages'

function text(nodes: VNodeChild): string {
  if (Array.isArray(nodes)) return nodes.map((node) => text(node as VNodeChild)).join('')
  return isVNode(nodes) ? text(nodes.children as VNodeChild) : String(nodes ?? '')
}

function classes(nodes: VNodeChild): string[] {
  if (Array.isArray(nodes)) return nodes.flatMap((node) => classes(node as VNodeChild))
  return isVNode(nodes) ? [...(nodes.props?.class as string).split(' '), ...classes(nodes.children as VNodeChild)] : []
}

describe('code', () => {
  it('says its language by any of its names', () => {
    expect(languageOf('rs')).toBe('rust')
    expect(languageOf('Rust,ignore')).toBe('rust')
    expect(languageOf('c++')).toBe('cpp')
    expect(languageOf('ts title="x"')).toBe('typescript')
    for (const info of ['', ' ', 'nonsense', 'constructor', '__proto__']) expect(languageOf(info)).toBeUndefined()
  })

  it('keeps every character in every language', () => {
    const code = 'if (a < b) { return "<b>&amp;</b>" } // done\n\t# x = 1\r\n-- \u202Ey'
    for (const language of LANGUAGES) expect(text(highlight(code, language)), language).toBe(code)
  })

  it('is told apart by what it is', () => {
    expect(classes(highlight('let a = "b"; // c', 'rust'))).toEqual(expect.arrayContaining(['hljs-keyword', 'hljs-string', 'hljs-comment']))
  })
})
