import { defineComponent, h } from 'vue'
import type { PropType } from 'vue'
import type { Mentions } from '@/api/types'
import { useMentioned } from '@/features/notifications/mentioned'
import { renderMarkdown } from './markdown'

/** A few emoji and nothing else: there is room to show them large. */
const PICTURE = String.raw`\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?`
const EMOJI = String.raw`(?:${PICTURE}(?:\u200D${PICTURE})*|\p{Regional_Indicator}{2})`
const EMOJI_ONLY = new RegExp(String.raw`^(?:${EMOJI}\s*){1,5}$`, 'u')

/** The text of a message, formatted. It is parsed again only when the text changes. */
export default defineComponent({
  props: {
    text: { type: String, required: true },
    mentions: { type: Object as PropType<Mentions | null>, default: undefined },
  },
  setup(props) {
    const show = useMentioned(() => props.mentions)
    return () => {
      const classes = ['message-text', { large: EMOJI_ONLY.test(props.text) }]
      return h('div', { class: classes, dir: 'auto' }, renderMarkdown(props.text, show))
    }
  },
})
