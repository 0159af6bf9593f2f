/** After something closed, the focus goes back to where it was, unless something else has taken it. */
export function returnFocus(event: Event, to: Element | null | undefined): void {
  event.preventDefault()
  setTimeout(() => {
    if (document.activeElement === document.body && to instanceof HTMLElement) to.focus({ preventScroll: true })
  })
}
