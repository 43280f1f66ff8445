// Runs before the first paint, so that a dark panel never flashes white. A file of its own: the
// Content-Security-Policy allows no inline script. The application takes over from here.
(function () {
  var theme = null;
  try {
    theme = localStorage.getItem('stock-relay.theme');
  } catch {
    // Storage may be switched off; the system's preference is used.
  }
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
})();
