import { defineComponent, h } from 'vue'
import { renderMarkdown } from './markdown'

/** The text of a message, formatted. It is parsed again only when the text changes. */
export default defineComponent({
  props: { text: { type: String, required: true } },
  setup: (props) => () => h('div', { class: 'message-text' }, renderMarkdown(props.text)),
})
