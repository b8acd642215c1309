/** What the result page does better with a script: print, copy a link. Everything else works without. */

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const said = document.querySelector("[data-said]");

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  // The browser knows better than the server under which address people reach it.
  field.value = new URL(field.dataset.path, location.href).href;
  field.addEventListener("focus", () => field.select());

  const title = button.textContent;
  let back;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // No clipboard without TLS, or not allowed; the old way works, or the field stands selected to copy by hand.
      if (!document.execCommand("copy")) return;
    }
    button.textContent = said.textContent = button.dataset.done;
    clearTimeout(back);
    back = setTimeout(() => {
      button.textContent = title;
      said.textContent = "";
    }, 2500);
  });
}
