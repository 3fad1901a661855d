// Work that the server does step by step: while the page shows a form to go on, it is sent again and again, and the part of the
// page that shows how far it is is replaced. Without this file the button does one step at a time.
const PAUSE = 250;

async function step(form) {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (!fresh) throw new Error("signed out");
  document.querySelector("[data-live]").replaceWith(fresh);
}

async function run() {
  for (let box = document.querySelector("[data-continue]"); box; box = document.querySelector("[data-continue]")) {
    try {
      await step(box.querySelector("form"));
    } catch {
      const words = document.createElement("p");
      words.setAttribute("role", "alert");
      words.textContent = box.dataset.failed;
      box.prepend(words);
      return;
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}

run();
