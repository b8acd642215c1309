/** A picture, as large as the window allows, to look at and to keep; loaded only where there is one. */

/** Shows the picture `img` in a dialog within `frame`, in words from `t`. */
export function enlarge(frame, img, t) {
  const dialog = document.createElement("dialog");
  const make = (tag, name, properties) => {
    const element = Object.assign(document.createElement(tag), properties);
    if (name) element.dataset.part = name;
    return element;
  };
  const close = make("button", "close", { type: "button", className: "small", textContent: t("close") });
  close.addEventListener("click", () => dialog.close());
  // From another origin, `download` alone would only open it.
  const save = `${img.src}${img.src.includes("?") ? "&" : "?"}save=1`;
  const tools = make("div", "", { className: "tools" });
  tools.append(
    make("a", "save", {
      className: "small",
      download: "peil.png",
      href: save,
      textContent: t("picture_save"),
    }),
    close,
  );
  const picture = make("img", "", { src: img.src, alt: img.alt });
  // Once more, for who wants to see it at its own size.
  picture.addEventListener("click", () => picture.classList.toggle("whole"));
  dialog.append(picture, tools);
  dialog.dataset.part = "dialog";
  dialog.ariaLabel = img.alt;
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  frame.append(dialog);
  dialog.showModal();
}
