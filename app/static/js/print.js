// The print button appears where printing from the browser is possible; unfolded charts keep their tables off paper.
export function startPrint() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
