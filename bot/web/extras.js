/**
 * What comes with a result, and now and then before it: pictures, tables, links and files. Fetched once the
 * first question is on the screen, so that it is there when it is needed.
 */

import { h } from "./peil-chat.js";

const COPIED_MS = 4_000;

export const css = `
/* Figure and figures side by side need more room than words do. */
.row.result {
  align-self: center;
  width: min(60rem, 100cqi - 1.75rem);
  max-width: none;
}
.text .pair + * {
  margin-top: 0.625rem;
}
.picture {
  display: block;
  width: min(100%, 30rem);
  padding: 0;
  margin-top: 0.625rem;
  border: 1px solid var(--_line);
  border-radius: 10px;
  overflow: hidden;
  background: #fff;
  cursor: zoom-in;
}
.picture img {
  display: block;
  width: 100%;
  aspect-ratio: var(--_ratio, 1);
  object-fit: contain;
  color: #12302f;
  background: #fff;
}
.pair {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.75rem 1.5rem;
  margin-top: 0.75rem;
}
.pair .picture {
  flex: 1 1 17rem;
  margin: 0;
}
.cells {
  flex: 1 1 19rem;
  min-width: 0;
}
table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.9375rem;
  line-height: 1.3;
  font-variant-numeric: tabular-nums;
}
th,
td {
  text-align: start;
  vertical-align: top;
  padding: 0.5rem 0.25rem;
  border-top: 1px solid var(--_line);
}
th:first-child {
  padding-inline-start: 0;
}
thead th {
  border: 0;
  font-size: 0.8125rem;
  font-weight: 600;
  color: var(--_soft);
}
tbody th {
  font-weight: 600;
}
@container (max-width: 26rem) {
  table:not(.stacked) {
    font-size: 0.8125rem;
  }
}
@container (min-width: 62rem) {
  td {
    white-space: nowrap;
  }
}
.stacked thead {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
.stacked,
.stacked tbody,
.stacked tbody tr,
.stacked tbody th {
  display: block;
}
.stacked tbody tr {
  border-top: 1px solid var(--_line);
  padding-block: 0.5rem;
}
.stacked tbody tr > * {
  border: 0;
  padding: 0 0 0.125rem;
}
.stacked td {
  display: inline-block;
  max-width: 100%;
  margin-inline-end: 1rem;
}
.stacked td::before {
  content: attr(data-column) ": ";
  color: var(--_soft);
}
.links {
  list-style: none;
  padding: 0;
  margin: 0.75rem 0 0;
}
.links li {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.25rem 0.75rem;
  min-height: 3.25rem;
  padding-block: 0.25rem;
  border-top: 1px solid var(--_line);
}
.links .small {
  padding-inline: 0.5rem;
  min-width: 6.75rem;
}
.links a {
  flex: 1 1 7rem;
  padding-block: 0.6875rem;
  color: var(--_teal);
  font-weight: 600;
}
.links label,
.links input {
  width: 100%;
  font-size: 0.875rem;
}
.links input {
  min-height: 2.75rem;
  padding: 0.25rem 0.75rem;
  color: inherit;
  background: var(--_field);
  border: 1px solid var(--_edge);
  border-radius: 10px;
}
.text .links + * {
  margin-top: 0.75rem;
}
.ended {
  font-size: 0.875rem;
  color: var(--_soft);
}
dialog:not(.panel) {
  border: 1px solid transparent;
  padding: 0;
  margin: auto;
  max-width: 100vw;
  max-height: 100dvh;
  background: var(--_card);
  color: var(--_ink);
  border-radius: var(--_round);
  overflow: auto;
}
dialog:not(.panel)::backdrop {
  background: rgb(4 24 28 / 70%);
}
dialog img {
  display: block;
  max-width: min(96vw, 60rem);
  max-height: calc(100dvh - 6.5rem);
  width: auto;
  height: auto;
  margin: auto;
  background: #fff;
}
dialog img {
  cursor: zoom-in;
}
dialog img.whole {
  max-width: none;
  max-height: none;
  cursor: zoom-out;
}
dialog.asking {
  width: min(26rem, 100vw - 1.75rem);
  padding: 1.25rem 1.25rem 0.75rem;
}
.asking h2 {
  margin: 0 0 0.5rem;
  font-size: 1.125rem;
}
.asking .tools {
  padding: 1rem 0 0.5rem;
}
.asking button {
  flex: auto;
}
.tools {
  display: flex;
  flex-wrap: wrap;
  justify-content: flex-end;
  gap: 0.5rem;
  padding: 0.5rem;
}
.tools a {
  display: inline-flex;
  align-items: center;
  text-decoration: none;
}
`;

/** A table of facts; the first cell of a row names it. Its roles stay when it is shown as a list. */
export function tableOf({ columns, rows }, name) {
  const line = (...cells) => h("tr", { role: "row" }, ...cells);
  const heads = columns.map((text) => h("th", { scope: "col", role: "columnheader" }, text));
  const lines = rows.map(([first, ...others]) =>
    line(
      h("th", { scope: "row", role: "rowheader" }, first),
      ...others.map((text, index) => h("td", { role: "cell", "data-column": columns[index + 1] }, text)),
    ),
  );
  return h(
    "table",
    { role: "table", ariaLabel: name, "data-part": "table" },
    h("thead", { role: "rowgroup" }, line(...heads)),
    h("tbody", { role: "rowgroup" }, ...lines),
  );
}

// When the history was last read for the sake of a picture, so that one that is gone is not asked for for ever.
let refreshed = 0;

/**
 * The picture of `message`, which opens large; `client` reads the history anew when its address has expired.
 * `address` makes the whole address of what the server names, `frame` is where a dialog goes, `t` gives words.
 */
export function picture(message, { client, address, frame, t }) {
  let source = address(message.image.url);
  const img = h("img", { src: source, alt: message.image.alt ?? "", "data-part": "image" });
  const element = h("button", { type: "button", className: "picture", "data-part": "picture" }, img);
  img.addEventListener("load", () =>
    img.style.setProperty("--_ratio", `${img.naturalWidth} / ${img.naturalHeight}`),
  );
  img.addEventListener("error", () => {
    // Its address has expired, perhaps: the history brings a new one. Once in a minute is enough of that.
    if (Date.now() - refreshed < 60_000) return;
    refreshed = Date.now();
    client.refresh();
  });
  // Fetched ahead: there may be no connection any more when somebody wants a closer look.
  const larger = () => import("./picture.js").catch(() => null);
  larger();
  element.addEventListener("click", async () => {
    (await larger())?.enlarge(frame, { src: source, alt: img.alt }, t);
  });
  return {
    element,
    say: () => (element.title = t("picture_open")),
    update: (newer) => {
      source = address(newer.image.url);
      // A picture that is there stays as it is: only its address was signed anew.
      if (!img.naturalWidth && img.src !== source) img.src = source;
    },
  };
}

/** The links of `message` as a list; `client`, `address` and `t` as of a picture. */
export function links(message, tools) {
  const rows = message.links.map((link) => linkRow(link, tools));
  const element = h(
    "ul",
    // What changes in here later is told by each row's own status, or is no news.
    { className: "links", role: "list", "aria-live": "off", "data-part": "links" },
    ...rows.map((row) => row.element),
  );
  return {
    element,
    say: () => rows.forEach((row) => row.say()),
    update: (newer) => rows.forEach((row, index) => row.update(newer.links?.[index])),
  };
}

function linkRow({ kind, title }, { client, address, t }) {
  const file = kind === "data";
  const rel = "noopener noreferrer";
  const how = file ? { download: "peil.json" } : { target: "_blank" };
  const link = h("a", { rel, ...how, "data-part": "open" }, title);
  const copy = h("button", { type: "button", className: "small", "data-part": "copy" });
  const copied = h("span", { className: "quietly", role: "status" });
  const ended = h("span", { className: "ended" });
  const element = h("li", { "data-part": "link", "data-kind": kind });
  let open = null;
  let fresh = false;
  link.addEventListener("click", async (event) => {
    if (!file || fresh) return;
    // The address of a file works for a short while, and this one may have been here for long.
    event.preventDefault();
    await client.refresh();
    fresh = true;
    if (link.isConnected) link.click();
    fresh = false;
  });
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(link.href);
      copy.textContent = copied.textContent = t("copied");
      setTimeout(say, COPIED_MS);
    } catch {
      const field = h("input", { readOnly: true, value: link.href, "data-part": "address" });
      element.querySelector("label")?.remove();
      element.append(h("label", {}, t("copy_by_hand"), field));
      field.focus();
      field.select();
    }
  });
  const say = () => {
    if (!file) link.title = t("new_tab");
    copy.textContent = t("copy");
    copy.ariaLabel = `${t("copy")}: ${title}`;
    copied.textContent = "";
    ended.textContent = t("link_ended");
  };
  const update = (newer) => {
    const target = newer?.url ? address(newer.url) : "";
    if (target) link.href = target;
    if (open === (open = Boolean(target))) return;
    if (!open) element.replaceChildren(h("span", {}, title), " ", ended);
    else element.replaceChildren(link, newer.code ?? "", ...(file ? [] : [copy, copied]));
  };
  return { element, say, update };
}
