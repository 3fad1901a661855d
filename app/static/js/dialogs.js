// Questions before an act: a real <dialog>, so that keyboard and screen readers stay inside it.
import { text } from "./texts.js";

function makeDialog() {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  return dialog;
}

function cancelButton(dialog) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-secondary";
  button.textContent = text("cancel");
  button.addEventListener("click", () => dialog.close());
  return button;
}

function ask(button) {
  const dialog = makeDialog();
  const title = document.createElement("h2");
  title.id = "ask-title";
  title.textContent = text("confirm");
  const words = document.createElement("p");
  words.textContent = button.dataset.confirm;
  const row = document.createElement("div");
  row.className = "submit-row";
  const yes = document.createElement("button");
  yes.type = "button";
  yes.className = button.className;
  yes.textContent = button.textContent.trim();
  yes.addEventListener("click", () => {
    dialog.close();
    button.dataset.confirmed = "1";
    button.form.requestSubmit(button);
    delete button.dataset.confirmed;
  });
  row.append(yes, cancelButton(dialog));
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(title, words, row);
  dialog.showModal();
  row.lastElementChild.focus();
}

/** A `confirm_form`: without JavaScript its words unfold in place, here they move into a dialog. */
function openConfirmForm(details) {
  const summary = details.querySelector("summary");
  const body = details.querySelector(".confirm-body");
  const dialog = makeDialog();
  const title = document.createElement("h2");
  title.id = "ask-title";
  title.textContent = summary.textContent.trim();
  dialog.setAttribute("aria-labelledby", title.id);
  const cancel = cancelButton(dialog);
  body.querySelector(".submit-row").append(cancel);
  dialog.append(title, body);
  dialog.addEventListener("close", () => {
    cancel.remove();
    details.append(body);
    summary.focus();
  });
  dialog.showModal();
  (body.querySelector("input:not([type=hidden]), textarea, select") ?? cancel).focus();
}

export function startDialogs() {
  document.addEventListener(
    "submit",
    (event) => {
      const button = event.submitter;
      if (!button?.dataset.confirm || button.dataset.confirmed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(button);
    },
    true,
  );
  for (const details of document.querySelectorAll("[data-confirm-form]")) {
    details.querySelector("summary").addEventListener("click", (event) => {
      event.preventDefault();
      openConfirmForm(details);
    });
    if (details.querySelector(".field-wrong")) openConfirmForm(details);
  }
}
