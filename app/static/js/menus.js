// Menus are <details> and work without this; here Escape and a click beside them close them. "/" goes to the search.
import { text } from "./texts.js";

const KEY = "yiheng.shortcuts";

function shortcutsOn() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

function startShortcuts() {
  const button = document.querySelector("[data-shortcut-toggle]");
  const show = () => {
    if (button) button.querySelector("span").textContent = text(shortcutsOn() ? "shortcuts_on" : "shortcuts_off");
  };
  if (button && matchMedia("(hover: hover)").matches) {
    button.hidden = false;
    button.addEventListener("click", () => {
      try {
        localStorage.setItem(KEY, shortcutsOn() ? "off" : "on");
      } catch {
        /* private windows without storage keep the default */
      }
      show();
    });
  }
  show();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog") || !shortcutsOn()) return;
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
}

export function startMenus() {
  const menus = [...document.querySelectorAll("details[data-dropdown]")];
  const closeOthers = (kept) => menus.forEach((menu) => menu !== kept && (menu.open = false));
  document.addEventListener("click", (event) => closeOthers(event.target.closest("details[data-dropdown]")));
  document.addEventListener("keydown", (event) => {
    const open = menus.find((menu) => menu.open);
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  for (const menu of menus) {
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
  }
  startShortcuts();
}
