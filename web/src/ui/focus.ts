/** After something closed, the focus goes back to where it was, unless something else has taken it. */
export function returnFocus(event: Event, to: Element | null | undefined): void {
  event.preventDefault()
  setTimeout(() => {
    if (document.activeElement === document.body && to instanceof HTMLElement) to.focus({ preventScroll: true })
  })
}

const MENU = '[role="menu"], [aria-haspopup="menu"][aria-expanded="true"]'

/** What has just appeared takes the focus, but not out of a menu that was opened meanwhile: it would close. */
export function takeFocus(to: HTMLElement | null | undefined): void {
  if (!document.activeElement?.closest(MENU)) to?.focus({ preventScroll: true })
}
