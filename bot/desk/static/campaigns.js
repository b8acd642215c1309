// Buttons that copy a field. Without this script the fields can be marked and copied by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!navigator.clipboard || !field) continue;
  button.hidden = false;
  const title = button.firstChild;
  const before = title.textContent;
  const said = document.createElement("span");
  said.className = "hidden-label";
  said.setAttribute("role", "status");
  button.after(said);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      return;
    }
    title.textContent = said.textContent = button.dataset.done;
    setTimeout(() => {
      title.textContent = before;
      said.textContent = "";
    }, 2000);
  });
}
