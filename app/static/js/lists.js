// Lists: a click anywhere in a row opens it; a table that is wider than the page can be scrolled with the keyboard.
const INTERACTIVE = "a, button, input, select, textarea, label, summary";

function openRow(event) {
  const row = event.target.closest("[data-row-link]");
  if (!row || event.target.closest(INTERACTIVE) || String(window.getSelection())) return;
  const link = row.querySelector(".cell-main a") ?? row.querySelector("a");
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
}

function reachable(box) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}

export function startLists() {
  document.addEventListener("click", openRow);
  const boxes = document.querySelectorAll("[data-scroll]");
  const observer = new ResizeObserver((entries) => entries.forEach((entry) => reachable(entry.target)));
  boxes.forEach((box) => observer.observe(box));
}
