/** Asked of whoever opens a way back where another conversation is under way; loaded only then. */

/** Asks in a dialog within `frame`, in words from `t`, whether to go on with the conversation of the link. */
export function ask(frame, t) {
  const dialog = document.createElement("dialog");
  const add = (parent, tag, text, properties) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(text);
    parent.append(element);
    return element;
  };
  const title = add(dialog, "h2", t("back_title"), { id: "back-title" });
  add(dialog, "p", t("back_text"), { id: "back-text" });
  const tools = add(dialog, "div", "", { className: "tools" });
  for (const [value, label] of [
    ["go", t("back_go")],
    ["stay", t("back_stay")],
  ]) {
    // In focus is the choice that loses nothing.
    const properties = { type: "button", className: "small", autofocus: value === "stay" };
    const button = add(tools, "button", label, properties);
    button.dataset.part = `back-${value}`;
    button.addEventListener("click", () => dialog.close(value));
  }
  dialog.className = "asking";
  dialog.dataset.part = "back";
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.setAttribute("aria-describedby", "back-text");
  frame.append(dialog);
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "go");
    }),
  );
}
