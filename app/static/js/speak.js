// Reads a text of the page aloud; the button appears where the device can speak. The text itself is always there to read.
for (const button of document.querySelectorAll("[data-speak]")) {
  if (!("speechSynthesis" in window)) continue;
  const text = document.getElementById(button.dataset.speak);
  button.hidden = false;
  button.addEventListener("click", () => {
    if (speechSynthesis.speaking) {
      speechSynthesis.cancel();
      button.setAttribute("aria-pressed", "false");
      return;
    }
    const speech = new SpeechSynthesisUtterance(text.textContent);
    speech.lang = document.documentElement.lang || "zh-CN";
    speech.rate = 0.85;
    speech.addEventListener("end", () => button.setAttribute("aria-pressed", "false"));
    button.setAttribute("aria-pressed", "true");
    speechSynthesis.speak(speech);
  });
}
