import { onBeforeUnmount, onMounted, ref } from 'vue'

const bringsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

/** Next to a place where files may be dropped, the browser would open them in place of the page. */
function refuseElsewhere(event: DragEvent): void {
  if (!bringsFiles(event) || event.defaultPrevented) return
  event.preventDefault()
  if (event.dataTransfer) event.dataTransfer.dropEffect = 'none'
}

/** Takes files that are dragged over a place and dropped there, while it takes any. */
export function useDropping(takes: () => boolean, drop: (data: DataTransfer | null) => void) {
  const over = ref(false)
  /** Each element below that is entered is left again, in another order than one would think. */
  let depth = 0

  function entered(event: DragEvent): void {
    if (!bringsFiles(event)) return
    depth += 1
    over.value = takes()
  }

  function left(event: DragEvent): void {
    if (!bringsFiles(event)) return
    depth = Math.max(0, depth - 1)
    if (depth === 0) over.value = false
  }

  function held(event: DragEvent): void {
    if (!bringsFiles(event) || !takes()) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
  }

  function dropped(event: DragEvent): void {
    depth = 0
    over.value = false
    if (!bringsFiles(event) || !takes()) return
    event.preventDefault()
    drop(event.dataTransfer)
  }

  onMounted(() => {
    window.addEventListener('dragover', refuseElsewhere)
    window.addEventListener('drop', refuseElsewhere)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('dragover', refuseElsewhere)
    window.removeEventListener('drop', refuseElsewhere)
  })

  return { over, listeners: { dragenter: entered, dragleave: left, dragover: held, drop: dropped } }
}
