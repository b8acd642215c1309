/** The menu: what one can always ask for, whatever the question. Each of it is said in the conversation itself. */

import { LANGUAGES, h } from "./peil-chat.js";

export const css = `
dialog.menu-dialog {
  width: min(24rem, 100% - 1.75rem);
  padding: 0.5rem 1rem 1rem;
}
.menu-dialog .menu-head {
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 0.5rem;
}
.menu-dialog h2 {
  margin: 0;
  font-size: 1.125rem;
}
.menu-dialog [role="group"] {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
  padding: 0.25rem 0 0.75rem;
}
.menu-dialog [role="group"] button {
  flex: 1 1 8rem;
  min-height: 2.75rem;
  padding: 0.25rem 0.75rem;
  border: 1px solid var(--_edge);
  border-radius: 10px;
  background: none;
  white-space: nowrap;
}
.menu-dialog [aria-pressed="true"] {
  border-color: var(--_teal) !important;
  box-shadow: inset 0 0 0 1px var(--_teal);
  font-weight: 650;
}
.menu-dialog ul {
  margin: 0;
  padding: 0;
  list-style: none;
}
.menu-dialog li {
  border-top: 1px solid var(--_line);
}
.menu-dialog li button {
  display: block;
  width: 100%;
  min-height: 2.75rem;
  padding: 0.5rem 0.25rem;
  border: 0;
  background: none;
  text-align: start;
  line-height: 1.3;
}
.menu-dialog li strong {
  display: block;
  font-weight: 600;
}
.menu-dialog li span {
  display: block;
  font-size: 0.875rem;
  color: var(--_soft);
}
@media (max-height: 50rem) {
  .menu-dialog li span {
    display: none;
  }
}
@media (hover: hover) {
  .menu-dialog li button:hover strong {
    text-decoration: underline;
  }
}
`;

/** What can be asked for, in order: the command, its title, and what more there is to say of it. */
const commands = (t) => [
  ["privacy", t("menu_privacy"), t("menu_privacy_more")],
  ["my_data", t("menu_my_data"), t("menu_my_data_more")],
  ["my_data_file", t("menu_my_data_file"), t("menu_my_data_file_more")],
  ["erase", t("menu_erase"), t("menu_erase_more")],
  ["resume", t("menu_come_back"), t("menu_come_back_more")],
  ["elsewhere", t("menu_elsewhere"), t("menu_elsewhere_more")],
  ["human", t("menu_human"), t("menu_human_more")],
];

/** Shows the menu within `frame`, in words from `t`; returns what was chosen and its title, or null. */
export function choose(frame, t, { language, complete }) {
  const dialog = h("dialog", {
    className: "menu-dialog",
    "data-part": "menu-dialog",
    "aria-labelledby": "menu",
  });
  const done = (what, title) => {
    dialog.chosen = { what, title };
    dialog.close();
  };
  const close = h(
    "button",
    { type: "button", className: "small", "data-part": "menu-close", autofocus: true },
    t("close"),
  );
  close.addEventListener("click", () => dialog.close());
  const tongues = Object.keys(LANGUAGES).map((one) => {
    const pressed = one === language;
    const button = h(
      "button",
      { type: "button", lang: one, "aria-pressed": pressed, "data-part": `menu-${one}` },
      `${LANGUAGES[one]}${pressed ? " ✓" : ""}`,
    );
    button.addEventListener("click", () =>
      pressed ? dialog.close() : done(`language_${one}`, LANGUAGES[one]),
    );
    return button;
  });
  const result = [
    ["result", t("menu_result"), t("menu_result_more")],
    ["report", t("menu_report"), t("menu_report_more")],
  ];
  const rows = [...(complete ? result : []), ...commands(t)].map(([what, title, more]) => {
    const lines = [h("strong", {}, title), h("span", {}, more)];
    const button = h("button", { type: "button", "data-part": `menu-${what}` }, ...lines);
    button.addEventListener("click", () => done(what, title));
    return h("li", {}, button);
  });
  dialog.append(
    h("div", { className: "menu-head" }, h("h2", { id: "menu" }, t("menu")), close),
    h("div", { role: "group", "aria-label": t("menu_language") }, ...tongues),
    h("ul", { role: "list" }, ...rows),
  );
  frame.append(dialog);
  // Over what is seen of the chat, and not over the page that it stands in.
  const view = window.visualViewport;
  const place = () => {
    const { top, right, bottom, left } = frame.getBoundingClientRect();
    const [first, last] = view ? [view.offsetTop, view.offsetTop + view.height] : [0, innerHeight];
    const [from, to] = [Math.max(top, first), Math.min(bottom, last)];
    dialog.style.inset = `${from}px ${innerWidth - right}px ${innerHeight - to}px ${left}px`;
    dialog.style.maxHeight = `${to - from}px`;
    dialog.style.maxWidth = `${right - left}px`;
  };
  place();
  const moves = [window, view].filter(Boolean);
  for (const one of moves) one.addEventListener("resize", place);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => {
      for (const one of moves) one.removeEventListener("resize", place);
      dialog.remove();
      resolve(dialog.chosen ?? null);
    }),
  );
}
