/** null follows the system. The choice survives reloads; public/theme.js applies it before first paint. */
export function setTheme(theme: "dark" | "light" | null): void {
  if (theme) {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("tenor.theme", theme);
  } else {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("tenor.theme");
  }
}
