// Runs before the first paint, so that a chosen theme does not flash in the other one.
// It is a file of its own because the page's policy allows no inline script.
try {
  const theme = localStorage.getItem('parlor.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is blocked: the system's theme is used.
}
