import { isVNode } from 'vue'
import type { VNodeChild } from 'vue'
import { describe, expect, it } from 'vitest'
import CodeBlock from './CodeBlock'
import { renderMarkdown } from './markdown'

/** Writes nodes down so that they can be compared; text is marked off by quotes. */
function outline(nodes: VNodeChild): string {
  if (Array.isArray(nodes)) return nodes.map((node) => outline(node as VNodeChild)).join('')
  if (isVNode(nodes)) {
    if (nodes.type === CodeBlock) return `<code ${nodes.props?.info}>${outline(nodes.props?.code)}</>`
    const href = nodes.props?.href ? ` ${nodes.props.href}` : ''
    return `<${String(nodes.type)}${href}>${outline(nodes.children as VNodeChild)}</>`
  }
  return nodes === '' || nodes == null ? '' : `"${String(nodes)}"`
}

const shown = (text: string) => outline(renderMarkdown(text))

function types(nodes: VNodeChild): string[] {
  if (Array.isArray(nodes)) return nodes.flatMap((node) => types(node as VNodeChild))
  if (!isVNode(nodes)) return []
  return [nodes.type === CodeBlock ? 'pre' : String(nodes.type), ...types(nodes.children as VNodeChild)]
}

describe('markdown', () => {
  it('formats what people write', () => {
    expect(shown('*a* **b** `c` ~~d~~')).toBe('<p><em>"a"</>" "<strong>"b"</>" "<code>"c"</>" "<s>"d"</></>')
    expect(shown('one\ntwo')).toBe('<p>"one"<br></>"two"</>')
    expect(shown('- a\n- b')).toBe('<ul><li>"a"</><li>"b"</></>')
    expect(shown('```rust\nlet a = 1;\n```')).toBe('<code rust>"let a = 1;"</>')
    expect(shown('> said')).toBe('<blockquote><p>"said"</></>')
  })

  it('links addresses, safe ones only', () => {
    expect(shown('see https://example.org/a')).toBe('<p>"see "<a https://example.org/a>"https://example.org/a"</></>')
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'JaVaScRiPt:x', '/api/v1/auth/logout']) {
      expect(types(renderMarkdown(`[x](${bad})`))).not.toContain('a')
    }
  })

  it('leaves tags as text', () => {
    expect(shown('<b>x</b>')).toBe('<p>"<b>x</b>"</>')
    expect(shown('<script>alert(1)</script>')).toBe('<p>"<script>alert(1)</script>"</>')
  })

  it('makes no element but the known ones', () => {
    const known = new Set('p ul ol li blockquote strong em s a br hr pre code table thead tbody tr th td'.split(' '))
    const texts = ['![x](https://evil.example/x.png)', '# head', '|a|b|\n|-|-|\n|c|d|', '<svg onload=x>', '<!-- x -->', '&lt;img&gt;']
    for (const text of texts) for (const type of types(renderMarkdown(text))) expect(known).toContain(type)
  })
})
