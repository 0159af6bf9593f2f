import { Check, Copy } from '@lucide/vue'
import { defineComponent, h, ref, shallowRef, watchEffect } from 'vue'
import type { VNodeChild } from 'vue'
import { useI18n } from 'vue-i18n'
import { copyText } from '@/ui/clipboard'
import IconButton from '@/ui/IconButton.vue'
import { languageOf } from './languages'

/** Colouring is not worth a pause while one scrolls: what is longer stays plain. */
const MOST_COLOURED = 20_000

/** A block of code with a button that copies it. Its colours come as soon as they are loaded. */
export default defineComponent({
  props: { code: { type: String, required: true }, info: { type: String, default: '' } },
  setup(props) {
    const { t } = useI18n()
    const coloured = shallowRef<VNodeChild[]>()
    const state = ref<'idle' | 'copied' | 'failed'>('idle')

    watchEffect(async () => {
      const { code } = props
      const language = languageOf(props.info)
      coloured.value = undefined
      if (!language || code.length > MOST_COLOURED) return
      try {
        const { highlight } = await import('./highlight')
        if (props.code === code && languageOf(props.info) === language) coloured.value = highlight(code, language)
      } catch {
        // Without a connection the colours cannot be loaded; the text is there all the same.
      }
    })

    async function copy(): Promise<void> {
      state.value = (await copyText(props.code)) ? 'copied' : 'failed'
    }

    return () => {
      const done = state.value === 'copied'
      const icon = h(done ? Check : Copy, { size: 16, 'aria-hidden': 'true' })
      return h('div', { class: 'code-block' }, [
        h('pre', { tabindex: 0, dir: 'ltr' }, h('code', coloured.value ?? props.code)),
        h(IconButton, { class: 'code-copy', label: t(done ? 'actions.copied' : 'messages.copy_code'), onClick: copy }, () => icon),
        h('span', { class: 'visually-hidden', role: 'status' }, state.value === 'idle' ? '' : t(`actions.copy_${state.value}`)),
      ])
    }
  },
})
