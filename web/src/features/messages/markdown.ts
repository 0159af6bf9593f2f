import MarkdownIt from 'markdown-it'
import type { Token } from 'markdown-it'
import { h } from 'vue'
import type { VNodeChild } from 'vue'
import CodeBlock from './CodeBlock'

// `html: false` leaves tags as text. Pictures are off because the page loads none from elsewhere.
const parser = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false }).disable(['image', 'lheading'])
parser.linkify.set({ fuzzyEmail: false })

const SAFE_LINK = /^(https?:|mailto:)/i

/** Elements that message text may become. Whatever else a token names is shown as its content. */
const ELEMENTS = new Set([
  'p', 'ul', 'ol', 'li', 'blockquote', 'strong', 'em', 's', 'table', 'thead', 'tbody', 'tr', 'th', 'td',
])
const HEADINGS = /^h[1-6]$/

function open(token: Token, children: VNodeChild[]): VNodeChild {
  if (token.tag === 'a') return link(String(token.attrGet('href') ?? ''), children)
  // The outline of the page is not for messages to write in.
  if (HEADINGS.test(token.tag)) return h('p', { class: 'heading' }, children)
  if (!ELEMENTS.has(token.tag)) return children
  const start = token.tag === 'ol' ? token.attrGet('start') : null
  return h(token.tag, start ? { start } : null, children)
}

function link(href: string, children: VNodeChild[]): VNodeChild {
  if (!SAFE_LINK.test(href)) return children
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, children)
}

/** What a name behind an `@` is shown as, if it mentions somebody. */
export type ShowMention = (name: string) => VNodeChild | undefined

const AT_NAME = /(?<![\p{L}\p{N}_.\-/@=&#%+\\])@([a-z0-9._-]+)/giu

/** Text with the mentions in it. What ends a sentence may belong to the name or not. */
function withMentions(text: string, show: ShowMention): VNodeChild[] {
  const parts: VNodeChild[] = []
  let end = 0
  for (const found of text.matchAll(AT_NAME)) {
    const word = found[1]!.toLowerCase()
    const trimmed = word.replace(/[._-]+$/, '')
    const lengths = Array.from({ length: word.length - trimmed.length + 1 }, (_, index) => word.length - index)
    for (const length of lengths) {
      const shown = show(word.slice(0, length))
      if (shown === undefined) continue
      parts.push(text.slice(end, found.index), shown)
      end = found.index + length + 1
      break
    }
  }
  parts.push(text.slice(end))
  return parts
}

function leaf(token: Token, show: ShowMention): VNodeChild {
  switch (token.type) {
    case 'text':
      return withMentions(token.content, show)
    case 'inline':
      return render(token.children ?? [], show)
    case 'code_inline':
      return h('code', token.content)
    case 'fence':
    case 'code_block':
      return h(CodeBlock, { code: token.content.replace(/\n$/, ''), info: token.info })
    case 'softbreak':
    case 'hardbreak':
      return h('br')
    case 'hr':
      return h('hr')
    default:
      return token.content
  }
}

function render(tokens: Token[], show: ShowMention): VNodeChild[] {
  const root: VNodeChild[] = []
  const stack: { token: Token; children: VNodeChild[] }[] = []
  for (const token of tokens) {
    const siblings = stack.at(-1)?.children ?? root
    if (token.nesting === 1) stack.push({ token, children: [] })
    else if (token.nesting === 0) siblings.push(leaf(token, show))
    else {
      const closed = stack.pop()
      const parent = stack.at(-1)?.children ?? root
      // Paragraphs of tight lists are hidden: their text belongs to the list item itself.
      if (closed) parent.push(closed.token.hidden ? closed.children : open(closed.token, closed.children))
    }
  }
  return root
}

/** Message text as virtual nodes. Nothing in it ever becomes markup of its own making. */
export function renderMarkdown(text: string, show: ShowMention = () => undefined): VNodeChild[] {
  return render(parser.parse(text, {}), show)
}
