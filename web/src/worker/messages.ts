/** What the page and its service worker say to each other. */

/** To the worker: a newer one that waits is to take over. */
export const SKIP_WAITING = 'SKIP_WAITING'
/** To the page: somebody clicked on a notification that leads to this path. */
export const OPEN = 'OPEN'
