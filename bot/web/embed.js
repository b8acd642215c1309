/**
 * The page /embed: what is chosen shows at once in the preview, in the code to paste, and in the address behind its
 * '#', where it can be kept. Whatever comes out of that address is put into fields, and goes from there the same way
 * as what is typed: checked, and shown as text.
 */

import { allowanceOf, attributesOf, codeIn, codeOf, frameOf, originIn, policyOf } from "./embed-code.js";
import { contrast, palette, read } from "./theme.js";

const bench = document.getElementById("bench");
const form = document.getElementById("choices");
const preview = document.getElementById("preview");
const stage = document.getElementById("stage");
const words = JSON.parse(bench.dataset.words);
const said = document.getElementById("said");

const COLOURS = ["accent", "background", "card", "text"];
// In a frame the chat has a page of its own, whose name and picture are Peil's.
const NOT_IN_FRAME = ["avatar", "heading-nl", "heading-en", "label-nl", "label-en", "reference", "version"];
// A link must not make Peil say something on its own page, nor have it fetch a picture; nor name a visitor.
const KEPT_OUT = ["avatar", "heading-nl", "heading-en", "label-nl", "label-en", "reference", "site"];
const HEIGHTS = { __proto__: null, 390: 760, 820: 900, 1280: 800 };
const MOST_EVENTS = 100;
const QUIET_MS = 250;
const COPIED_MS = 2_500;

// Under which address visitors reach this Peil: as it was set up, or else as this page was reached.
const configured = new URL(bench.dataset.server);
const here = /^(localhost|127\.|\[::1\])/.test(configured.host);
const server = here ? location.origin : bench.dataset.server;

function word(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

// ---- what was chosen

/** For each name: what gives the value as it counts, or null where it is none; and the word that then says why. */
const CHECKS = {
  __proto__: null,
  campaign: [codeIn, "code_wrong"],
  accent: [colour, "colour_wrong"],
  background: [colour, "colour_wrong"],
  card: [colour, "colour_wrong"],
  text: [colour, "colour_wrong"],
  font: [(value) => known("font-family", value), "font_wrong"],
  radius: [
    (value) => known("border-radius", /^[1-9]\d*$/.test(value) ? `${value}px` : value),
    "radius_wrong",
  ],
  avatar: [picture, "avatar_wrong"],
  "open-after": [seconds, "open_after_wrong"],
  site: [
    originIn,
    (value) => (/^http:/i.test(value) && originIn(`https:${value.slice(5)}`) ? "site_http" : "site_wrong"),
  ],
};

function known(property, value) {
  // What a page's own sheets say stays theirs: a variable means another thing there.
  return CSS.supports(property, value) && !/var\(|env\(|url\(/i.test(value) ? value : null;
}

function colour(value) {
  return read(value) ? value : null;
}

function picture(value) {
  try {
    const { protocol, href } = new URL(value);
    return protocol === "https:" ? href : null;
  } catch {
    return null;
  }
}

function seconds(value) {
  return /^\d{1,4}$/.test(value) && value <= 3_600 ? String(Number(value)) : null;
}

/** What stands in the fields, as text. */
function filled() {
  const data = new FormData(form);
  return Object.fromEntries([...data].map(([name, value]) => [name, value.trim()]));
}

/** What of it counts; says beside each field what is wrong with it. */
function chosen() {
  const all = filled();
  for (const [name, [check, complaint]] of Object.entries(CHECKS)) {
    const field = form.elements[name];
    const broken = field.validity.badInput;
    const value = all[name] ? check(all[name]) : "";
    const wrong = broken || value === null;
    // Only the first time: whoever types is not told again with every letter.
    field.setAttribute("aria-invalid", wrong ? "true" : "false");
    document.getElementById(`${name}-wrong`).textContent = wrong
      ? word(typeof complaint === "string" ? complaint : complaint(all[name]))
      : "";
    all[name] = wrong ? "" : value;
  }
  if (all.way === "frame")
    for (const name of Object.keys(all)) if (NOT_IN_FRAME.includes(name)) delete all[name];
  return all;
}

// ---- kept in the address

function keep(all) {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(all)) {
    const field = form.elements[name];
    const usual = field instanceof RadioNodeList ? [...field].find((one) => one.defaultChecked)?.value : "";
    if (value && value !== usual && !KEPT_OUT.includes(name)) values.set(name, value);
  }
  const hash = values.size ? `#${values}` : "";
  if (location.hash !== hash) history.replaceState(null, "", location.pathname + location.search + hash);
  for (const link of document.querySelectorAll("[data-keep]")) link.hash = hash;
}

function take() {
  form.reset();
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = form.elements.namedItem(name);
    if (!field || KEPT_OUT.includes(name)) continue;
    const options = field instanceof RadioNodeList ? [...field] : field.options ? [...field.options] : null;
    if (!options) field.value = value.slice(0, 500);
    else if (options.some((one) => one.value === value)) field.value = value;
  }
}

// ---- what it makes

let waiting;
let loaded = false;

function say(content) {
  if (loaded) preview.contentWindow.postMessage({ peil: content }, location.origin);
}

function show(all) {
  const attributes = Object.fromEntries(attributesOf(all));
  // Here nothing opens by itself: a conversation begins only when somebody wants one.
  delete attributes["open-after"];
  if (all.way === "bubble") attributes.launcher = "";
  say({ show: { way: all.way, attributes, frame: frameOf("", all) } });
}

function fits(element, all) {
  return element.dataset.for.split(" ").includes(all.way);
}

/** Beside each colour that was chosen: how well it can be read, and what Peil makes of it where it could not. */
function sayContrast(all) {
  const schemes = { __proto__: null, light: [false], dark: [true] }[all.scheme] ?? [false, true];
  for (const name of COLOURS) {
    const line = document.querySelector(`[data-said="${name}"]`);
    line.textContent = "";
    if (!all[name]) continue;
    document.querySelector(`[data-pick="${name}"]`).value = hex(read(all[name], schemes[0]));
    const [one, other = one] = schemes.map((dark) => contrastOf(name, all, dark));
    line.textContent =
      one === other ? one : `${word("light", { said: one })} ${word("dark", { said: other })}`;
  }
}

function contrastOf(name, all, dark) {
  const made = palette(Object.fromEntries(COLOURS.map((one) => [one, all[one]])), dark);
  // What is read on it, or what it is read on; and what it becomes as letters, or behind them.
  const pairs = {
    accent: ["accent", "on-teal"],
    background: ["paper", "aside"],
    card: ["card", "ink"],
    text: ["ink", "card"],
  };
  const become = { accent: "teal", background: "paper", card: "card", text: "ink" };
  const colour = made[`--_${become[name]}`];
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const ratio = number.format(contrast(...pairs[name].map((part) => read(made[`--_${part}`]).slice(0, 3))));
  return word(colour === hex(read(all[name], dark)) ? "contrast" : "helped", { ratio, colour });
}

function hex(parts) {
  return `#${parts
    .slice(0, 3)
    .map((one) => one.toString(16).padStart(2, "0"))
    .join("")}`;
}

/** Which fields are wrong, and so are not in the code: a page pasted without its campaign would be another one. */
function leftOut() {
  const wrong = Object.keys(CHECKS)
    .map((name) => form.elements[name])
    .filter(
      (field) =>
        field.name !== "site" && field.ariaInvalid === "true" && !field.closest("[data-for][hidden]"),
    );
  return wrong.length
    ? word("left_out", { what: wrong.map((field) => field.labels[0].textContent).join(", ") })
    : "";
}

function update() {
  let all = chosen();
  for (const element of document.querySelectorAll("[data-for]")) element.hidden = !fits(element, all);
  const kinds = [...document.querySelectorAll("#kinds label")].filter((label) => !label.hidden);
  if (!kinds.some((label) => label.control.checked)) {
    kinds[0].control.checked = true;
    all = chosen();
  }
  sayContrast(all);
  const { way, kind } = all;
  const paste = kind === "react" ? "paste_react" : way === "bubble" ? "paste_bubble" : "paste_page";
  const height = way === "page" ? ["height", ...(kind === "element" ? ["height_policy"] : [])] : [];
  document.getElementById("paste").textContent = [paste, ...height].map((name) => word(name)).join(" ");
  document.getElementById("left-out").textContent = leftOut();
  document.getElementById("code").textContent = codeOf(server, bench.dataset.version, all);
  // With a slip in its code it is a campaign all the same.
  const campaign = all.campaign || form.elements.campaign.ariaInvalid === "true";
  document.getElementById("allow").textContent = allowanceOf(all.site || word("company"), {
    ...all,
    campaign,
  });
  // What would be refused is no command to copy.
  document.getElementById("allowance").hidden = form.elements.site.ariaInvalid === "true";
  document.getElementById("policy").textContent = policyOf(server, all);
  for (const element of document.querySelectorAll("[data-campaign]"))
    element.hidden = (element.dataset.campaign === "yes") !== Boolean(campaign);
  keep(all);
  clearTimeout(waiting);
  waiting = setTimeout(() => show(all), QUIET_MS);
}

form.addEventListener("input", ({ target }) => {
  const name = target.dataset.pick;
  if (name) form.elements[name].value = target.value;
  update();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(update));
// Fields that belong to the form but stand elsewhere on the page.
for (const id of ["kinds", "versions"]) document.getElementById(id).addEventListener("input", update);
form.elements.site.addEventListener("input", update);
window.addEventListener("hashchange", () => {
  take();
  update();
});

// ---- the preview

function fit() {
  const width = Number(document.querySelector("#widths input:checked").value);
  const scale = Math.min(1, stage.clientWidth / width);
  const height = HEIGHTS[width];
  Object.assign(preview.style, { width: `${width}px`, height: `${height}px`, transform: `scale(${scale})` });
  stage.style.height = `${Math.ceil(height * scale)}px`;
}

document.getElementById("widths").addEventListener("input", fit);
new ResizeObserver(fit).observe(stage);

const events = document.getElementById("events");

function tellOf(name, detail) {
  document.getElementById("no-events").hidden = true;
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString(document.documentElement.lang);
  const code = document.createElement("code");
  code.textContent = detail ? `${name} ${JSON.stringify(detail)}` : name;
  item.append(time, " ", code);
  events.append(item);
  while (events.children.length > MOST_EVENTS) events.firstChild.remove();
  events.parentElement.scrollTop = events.parentElement.scrollHeight;
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== preview.contentWindow || origin !== location.origin || !data?.peil) return;
  if (data.peil.ready) {
    loaded = true;
    show(chosen());
  } else if (data.peil.event) tellOf(data.peil.event, data.peil.detail);
});

for (const button of document.querySelectorAll("[data-do]"))
  button.addEventListener("click", () => {
    // With what was chosen the moment before.
    clearTimeout(waiting);
    show(chosen());
    say({ run: button.dataset.do, argument: button.dataset.argument });
  });

// ---- copying

for (const button of document.querySelectorAll("[data-copy]")) {
  const title = button.textContent;
  let back;
  button.addEventListener("click", async () => {
    const element = document.getElementById(button.dataset.copy);
    const text = element.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // No clipboard without TLS, or not allowed: it stands selected, to copy by hand, unless the old way works.
      getSelection().selectAllChildren(element);
      if (!document.execCommand("copy")) {
        said.textContent = word("select");
        return;
      }
    }
    button.textContent = said.textContent = word("copied");
    clearTimeout(back);
    back = setTimeout(() => {
      button.textContent = title;
      said.textContent = "";
    }, COPIED_MS);
  });
}

if (matchMedia("(max-width: 47.99rem)").matches)
  document.querySelector('#widths [value="390"]').checked = true;
take();
update();
fit();
// Only now: it says once that it is there.
preview.src = `/embed/preview?lang=${document.documentElement.lang}`;
