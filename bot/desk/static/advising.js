// Says that something was typed and not saved yet, and warns who leaves then. The page works without it.
const form = document.getElementById("plan");
const status = form.querySelector("[data-status]");
let unsaved = form.hasAttribute("data-unsaved");

function tell() {
  status.textContent = unsaved ? form.dataset.leaving : "";
}

form.addEventListener("input", (event) => {
  // What is picked is not typed.
  if (event.target.name === "pick") return;
  unsaved = true;
  tell();
});
form.addEventListener("submit", () => {
  unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
tell();
