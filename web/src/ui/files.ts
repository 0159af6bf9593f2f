/** Has the browser download what is at an address, under its own name when none is given. */
export function download(address: string, name = ''): void {
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
}

/** Hands somebody a file that is here already, as if they had downloaded it. */
export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob)
  download(address, name)
  URL.revokeObjectURL(address)
}

/** The same with a text. */
export function saveText(name: string, text: string): void {
  saveBlob(name, new Blob([text], { type: 'text/plain' }))
}
