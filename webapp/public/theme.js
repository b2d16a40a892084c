// Runs before first paint: puts the stored theme on <html>, so that no page flashes the other one.
try {
  const theme = localStorage.getItem("tenor.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // storage is blocked: the system's preference stands
}
