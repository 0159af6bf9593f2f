/** Makes a runner that lets one tab at a time through, by a Web Lock of the given name. */
export function exclusiveRunner(name: string): (run: () => Promise<void>) => Promise<void> {
  // Without a secure origin there are no locks. The server recognises a message sent twice by
  // its client id, so two tabs sending the same one do no harm.
  if (!navigator.locks) return (run) => run()
  return async (run) => {
    await navigator.locks.request(name, run)
  }
}
