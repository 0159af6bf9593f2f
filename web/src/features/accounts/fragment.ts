/** What a link carries in its fragment, which is not sent to servers, and leaves the address bar at once. */
export function takeFromFragment(name: string): string {
  const found = new URLSearchParams(location.hash.slice(1)).get(name) ?? ''
  if (found) history.replaceState(history.state, '', location.pathname)
  return found
}
