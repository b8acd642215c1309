/**
 * <peil-chat>: the chat as one custom element in a shadow root, in a page or behind a bubble at its edge.
 *
 * docs/embedding.md has its attributes, custom properties, methods and events. This module is all that a page
 * loads until somebody opens the chat. Whatever a page has done to its styles or to what all objects inherit is
 * kept out: dictionaries for the browser inherit nothing, and lengths do not follow the page's letters.
 */

const NARROW = "(max-width: 599px), (max-height: 479px)";
/** The languages, each with its own name. */
export const LANGUAGES = { __proto__: null, nl: "Nederlands", en: "English" };
const COLOURS = ["accent", "background", "card", "text"];
const FIELDS = {
  __proto__: null,
  "role-layer": 1,
  department: 1,
  "business-line": 1,
  depth: 1,
  reference: 1,
};
// What a page may listen to for shortcuts, or to forbid pasting; what is typed here is none of its business.
const TYPING = ["keydown", "keypress", "keyup", "beforeinput", "input", "paste", "copy", "cut"];

const css = `
:host {
  display: block !important;
  min-height: 0;
  height: min(38rem, 90dvh);
  /* a height of 100% of nothing would grow with what is said */
  max-height: 100dvh;
}
:host([hidden]) {
  display: none !important;
}
:host([launcher]) {
  all: initial !important;
  position: fixed !important;
  inset: auto 0 0 auto !important;
  z-index: 2147483647 !important;
}
.shell {
  --_paper: #f2f5f2;
  --_card: #ffffff;
  --_ink: #12302f;
  --_soft: #4a6462;
  --_line: #cfdad6;
  --_edge: #6b8985;
  --_teal: #0b5a63;
  --_on-teal: #ffffff;
  --_wash: #e6f0ee;
  --_water: #d9e9e7;
  --_buoy: #b2410f;
  --_warn: #fdf1e4;
  /* grounds with letters on them; what one types in; words and marks straight on the paper */
  --_accent: var(--_teal);
  --_field: var(--_paper);
  --_aside: var(--_soft);
  --_flag: var(--_buoy);
  all: initial;
  direction: ltr;
  display: block;
  height: 100%;
  color-scheme: light;
  font: 400 1rem/1.45 var(--_font, var(--peil-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif));
  color: var(--_ink);
  --_round: var(--_radius, var(--peil-radius, 14px));
  overflow-wrap: break-word;
  -webkit-text-size-adjust: 100%;
}
.shell.dark {
  --_paper: #0c2024;
  --_card: #14323a;
  --_ink: #e9f2f0;
  --_soft: #a9c2bf;
  --_line: #29505a;
  --_edge: #6d9a9b;
  --_teal: #7fd0d0;
  --_on-teal: #06262b;
  --_wash: #1b3f48;
  --_water: #10292f;
  --_buoy: #ffb07a;
  --_warn: #3a2a1c;
  color-scheme: dark;
}
*,
*::before,
*::after {
  box-sizing: border-box;
}
button,
textarea {
  font: inherit;
  color: inherit;
  letter-spacing: inherit;
}
button {
  -webkit-tap-highlight-color: transparent;
  touch-action: manipulation;
  cursor: pointer;
}
:focus-visible {
  outline: 3px solid var(--_buoy);
  outline-offset: 2px;
}
[hidden] {
  display: none !important;
}
.quietly {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
  user-select: none;
  -webkit-user-select: none;
}
svg {
  width: 1.375rem;
  height: 1.375rem;
  fill: none;
  stroke: currentColor;
  stroke-width: 2;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.gauge {
  width: 1.875rem;
  height: 1.875rem;
  flex: none;
  border-radius: 0.5rem;
  overflow: hidden;
  color: var(--_on-teal);
  background: linear-gradient(
    to top,
    color-mix(in srgb, var(--_accent) 75%, var(--_on-teal)) calc(20% + var(--_level, 0) * 70%),
    var(--_accent) 0
  );
}
.gauge svg,
.gauge img {
  display: block;
  width: 100%;
  height: 100%;
  object-fit: cover;
}
.gauge.avatar {
  background: none;
}
/* the bubble, and what it opens: in the top layer, above whatever the page has put on top */
.dock {
  position: fixed;
  inset: auto;
  bottom: max(var(--peil-offset-y, 1.25rem), env(safe-area-inset-bottom));
  right: max(var(--peil-offset-x, 1.25rem), env(safe-area-inset-right));
  margin: 0;
  padding: 0;
  border: 0;
  background: none;
  color: inherit;
  overflow: visible;
  width: auto;
  height: auto;
  z-index: 2147483647;
}
.left .dock {
  right: auto;
  left: max(var(--peil-offset-x, 1.25rem), env(safe-area-inset-left));
}
.bubble-button {
  position: relative;
  display: flex;
  align-items: center;
  gap: 0.625rem;
  max-width: min(20rem, calc(100vw - 2.5rem));
  min-height: 3.5rem;
  padding: 0.5rem 1.25rem 0.5rem 0.8125rem;
  border: 1px solid var(--_teal);
  border-radius: 1.75rem;
  background: var(--_accent);
  color: var(--_on-teal);
  font-weight: 600;
  line-height: 1.25;
  text-align: start;
  box-shadow: 0 4px 16px rgb(9 45 48 / 28%);
}
.bubble-button:focus-visible {
  outline: 3px solid var(--_on-teal);
  outline-offset: -6px;
  box-shadow: 0 0 0 3px var(--_accent);
}
.news {
  position: absolute;
  top: -0.25rem;
  inset-inline-end: 0.25rem;
  width: 1rem;
  height: 1rem;
  border: 2px solid var(--_on-teal);
  border-radius: 50%;
  background: var(--_buoy);
}
.panel {
  position: fixed;
  inset: auto;
  right: max(var(--peil-offset-x, 1.25rem), env(safe-area-inset-right));
  bottom: max(var(--peil-offset-y, 1.25rem), env(safe-area-inset-bottom));
  width: min(var(--peil-width, 26rem), 100vw - 2.5rem);
  height: min(var(--peil-height, 44rem), 100dvh - 2.5rem);
  max-width: none;
  max-height: none;
  margin: 0;
  padding: 0;
  border: 1px solid var(--_line);
  border-radius: var(--_round);
  overflow: hidden;
  background: var(--_paper);
  color: inherit;
  box-shadow: 0 12px 40px rgb(9 45 48 / 30%);
}
.left .panel {
  right: auto;
  left: max(var(--peil-offset-x, 1.25rem), env(safe-area-inset-left));
}
.panel.narrow {
  inset: 0;
  width: 100vw;
  height: 100dvh;
  border: 0;
  border-radius: 0;
}
.panel::backdrop {
  background: none;
}
.missing {
  display: flex;
  flex-direction: column;
  gap: 0.75rem;
  align-items: center;
  justify-content: center;
  height: 100%;
  padding: 1rem;
  text-align: center;
}
.missing p {
  margin: 0;
}
.missing button {
  min-height: 2.75rem;
  padding: 0.5rem 1.125rem;
  border: 1px solid var(--_edge);
  border-radius: 999px;
  background: var(--_card);
}
@media (forced-colors: active) {
  .bubble-button,
  .panel {
    border-color: CanvasText;
  }
}
`;

/** An element with properties, attributes (names with a dash, `role`) and children; texts stay text. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** A drawing of lines. */
export function icon(...paths) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

// What stands before the folder that our modules lie in: the server.
const HOME = import.meta.url.replace(/(web|widget\/[^/]+)\/[^/]*$/, "");
/** The conversation's module puts itself here: where a page has loaded it along, no frame is shown without it. */
export const here = { __proto__: null, Chat: null };
const sheets = new Map();
// Those that are in the page now.
const shown = new Set();
let words = {};
let tries = 0;

/** Strings of this tab; nothing where storage is refused. */
const tab = {
  get: (name) => {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set: (name, value) => {
    try {
      sessionStorage.setItem(name, value);
    } catch {
      // Storage refused: the next page does not know that the chat was open.
    }
  },
};

/** An invitation's code as the server makes it: however it is written, it is the same conversation. */
function plain(code) {
  const signs = code.toUpperCase().replace(/[^0-9A-Z]/g, "");
  return signs.replace(/O/g, "0").replace(/[IL]/g, "1").slice(0, 64) || "0";
}

const LOOKS = [
  ...["position", "scheme", "font", "radius", "avatar", ...COLOURS],
  ...["heading", "heading-nl", "heading-en", "label", "label-nl", "label-en"],
];
// What is known of a visitor has to be told by the site's pages: an address is kept in logs and histories.
const IN_ADDRESS = [
  ...["campaign", "model", "language", "open-after", "role-layer", "department", "business-line", "depth"],
  ...LOOKS,
];

class PeilChat extends HTMLElement {
  static observedAttributes = ["campaign", "model", "base", "launcher", "language", ...LOOKS];

  #root = this.attachShadow({ __proto__: null, mode: "open" });
  #box = h("div", { className: "shell" });
  #rem = 0;
  #chat = null;
  #loading = null;
  #bubble = null;
  #panel = null;
  #timer = null;
  #painting;
  #news = false;
  #sight = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    this.#sight.disconnect();
    this.#load(true);
  });
  #blank = null;
  #fields = {};
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #narrow = matchMedia(NARROW);

  connectedCallback() {
    shown.add(this);
    this.#root.append(this.#box);
    // The letters that the person has chosen in the browser, whatever the page has made of its own.
    this.#box.style.all = "initial";
    this.#rem = parseFloat(getComputedStyle(this.#box).fontSize) || 16;
    this.#box.style.all = "";
    this.adopt(css);
    this.#dark.addEventListener("change", this.#paint);
    document.addEventListener("keydown", this.#escape);
    this.#narrow.addEventListener("change", this.#fit);
    const view = window.visualViewport;
    view?.addEventListener("resize", this.#fit);
    view?.addEventListener("scroll", this.#fit);
    for (const type of TYPING) this.#box.addEventListener(type, this.#keep);
    this.#paint();
    if (this.floating) this.#dock();
    else if (this.hasAttribute("page")) this.#load();
    // In a page of somebody's it begins when it is seen, and nobody has asked for it to be read out.
    else this.#sight.observe(this);
  }

  disconnectedCallback() {
    this.#dark.removeEventListener("change", this.#paint);
    document.removeEventListener("keydown", this.#escape);
    this.#narrow.removeEventListener("change", this.#fit);
    const view = window.visualViewport;
    view?.removeEventListener("resize", this.#fit);
    view?.removeEventListener("scroll", this.#fit);
    shown.delete(this);
    this.#sight.disconnect();
    this.#end();
    this.#box.replaceChildren();
    this.#bubble = this.#panel = null;
    clearTimeout(this.#timer);
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#rem || !this.isConnected || before === after) return;
    if (["campaign", "model", "base", "launcher"].includes(name)) {
      this.disconnectedCallback();
      this.connectedCallback();
    } else if (name === "language") {
      const language = (after ?? "").slice(0, 2).toLowerCase();
      if (language in LANGUAGES) this.#chat?.setLanguage(language);
      this.named();
    } else {
      this.#paint();
      this.named();
    }
  }

  // ---- what a page can ask for

  /** Opens the chat, where it is behind a bubble. */
  open() {
    return this.#open("page");
  }

  /** Closes it again; the conversation stays. */
  close() {
    if (!this.#panel?.open) return;
    tab.set(this.#key, "closed");
    const inside = this.#root.activeElement;
    // A dialog that stayed open unseen would keep the whole page from being used.
    for (const inner of this.#panel.querySelectorAll("dialog[open]")) inner.close();
    this.#panel.close();
    this.#bubble.hidden = false;
    this.#bubble.ariaExpanded = "false";
    if (this.#chat) this.#chat.seen = false;
    // Whoever is elsewhere in the page stays there.
    if (inside) this.#bubble.focus({ __proto__: null, preventScroll: true });
    this.tell("close", {});
  }

  /** Opens it and begins a conversation with these wishes, unless one is under way. */
  start(wishes = {}) {
    const given = { __proto__: null, ...wishes };
    for (const [name, value] of Object.entries(given)) {
      const attribute = name.replace(/[A-Z]/g, (sign) => `-${sign.toLowerCase()}`);
      if (attribute in FIELDS || attribute === "signed") this.#fields[attribute] = String(value);
    }
    // Each model has a conversation of its own: none is changed for another while it is under way.
    if (given.model !== undefined && !this.#held) this.setAttribute("model", given.model);
    return this.#open("page");
  }

  setLanguage(language) {
    if (!(language in LANGUAGES)) return;
    // Also where the person has changed it meanwhile.
    if (this.getAttribute("language") === language) this.#chat?.setLanguage(language);
    this.setAttribute("language", language);
  }

  /** Forgets the conversation in this browser, not on the server; begins another if one can see it. */
  reset() {
    if (this.#chat && this.#panel?.open !== false) {
      this.#chat.clear();
      this.#chat.reset();
      return;
    }
    this.#end();
    const kept = ["token", "queue", "language", "back", "completed", "key", "draft"];
    for (const store of ["localStorage", "sessionStorage"])
      for (const name of kept)
        try {
          window[store].removeItem(this.#prefix + name);
        } catch {
          // Storage refused: nothing is kept there.
        }
  }

  focus(options) {
    if (this.#panel && !this.#panel.open) this.#bubble.focus(options);
    else this.#load(true).then(() => this.#chat?.focus(options));
  }

  // ---- what the conversation asks for

  /** Whether it is behind a bubble. */
  get floating() {
    return this.hasAttribute("launcher");
  }

  /** Tells the page; never a word that was said. */
  tell(name, detail = null) {
    const event = new CustomEvent(`peil:${name}`, { __proto__: null, bubbles: true, composed: true, detail });
    this.dispatchEvent(event);
    if (name === "error") console.warn(`Peil: ${detail.code}`);
    if (name === "language") this.named();
  }

  /** Adds a style sheet; an object, as no strict policy refuses. Its rems are of the browser's own letters. */
  adopt(text) {
    const key = `${this.#rem} ${text}`;
    if (!sheets.has(key)) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text.replace(/([\d.]+)rem\b/g, (_, number) => `${number * this.#rem}px`));
      sheets.set(key, sheet);
    }
    const now = this.#root.adoptedStyleSheets;
    if (!now.includes(sheets.get(key))) this.#root.adoptedStyleSheets = [...now, sheets.get(key)];
  }

  /** What the page wants to have read at this place, in the language that is spoken. */
  words(name, usual) {
    return this.getAttribute(`${name}-${this.#spoken}`) ?? this.getAttribute(name) ?? usual;
  }

  /** The company's picture, or a gauge: marks, and the surface of the water. */
  badge() {
    const gauge = h("span", { className: "gauge", "aria-hidden": "true" });
    const draw = () => {
      gauge.replaceChildren(icon("M8 4v16M8 6h5M8 11h8M8 16h5"));
      gauge.classList.remove("avatar");
    };
    draw();
    const picture = this.getAttribute("avatar");
    if (!picture) return gauge;
    const img = h("img", { src: picture, alt: "" });
    // Not to be had, or the page's own policy refuses it.
    img.addEventListener("error", draw);
    gauge.classList.add("avatar");
    gauge.replaceChildren(img);
    return gauge;
  }

  /** A word that is there from the start; '' where there is none. */
  said(word) {
    return words[this.#spoken]?.[word] ?? "";
  }

  /** Something was said while nobody looked. */
  unread() {
    if (!this.#bubble || this.#panel.open) return;
    this.#news = true;
    this.named();
  }

  // ---- inside

  get #spoken() {
    return this.#chat?.language ?? this.#wanted;
  }

  get #wanted() {
    const wish = this.getAttribute("language") || navigator.language || "";
    return wish.toLowerCase().startsWith("nl") ? "nl" : "en";
  }

  /** What the names of all that is kept for this conversation begin with. */
  get #prefix() {
    const code = this.getAttribute("campaign");
    return ["peil", code && plain(code), this.getAttribute("model"), ""]
      .filter((one) => one !== null)
      .join(".");
  }

  get #held() {
    try {
      return localStorage.getItem(`${this.#prefix}token`) !== null;
    } catch {
      return this.#chat !== null;
    }
  }

  get #key() {
    return `peil.${plain(this.getAttribute("campaign") || "")}.panel`;
  }

  /** Writes the name and the words of the bubble anew. */
  named() {
    this.#chat?.named();
    if (!this.#bubble) return;
    const label = this.words("label", this.said("label"));
    const news = h("span", { className: "news", role: "img", ariaLabel: this.said("news") });
    this.#bubble.replaceChildren(this.badge(), h("span", {}, label), ...(this.#news ? [news] : []));
    this.#box.lang = this.#spoken;
    this.#panel.ariaLabel = this.words("heading", "Peil");
  }

  #wish(name) {
    return this.getAttribute(name) || getComputedStyle(this).getPropertyValue(`--peil-${name}`).trim();
  }

  #paint = async () => {
    const { classList, style } = this.#box;
    const scheme = this.getAttribute("scheme");
    const dark = scheme === "dark" || (scheme !== "light" && this.#dark.matches);
    classList.toggle("dark", dark);
    classList.toggle("left", this.getAttribute("position") === "left");
    for (const name of ["font", "radius"]) style.setProperty(`--_${name}`, this.getAttribute(name) ?? "");
    const turn = (this.#painting = {});
    const wishes = {};
    for (const name of COLOURS) if (this.#wish(name)) wishes[name] = this.#wish(name);
    const painted = Object.keys(wishes).length ? import("./theme.js") : null;
    const colours = (await painted?.catch(() => null))?.palette(wishes, dark) ?? {};
    // Fetched modules do not come in the order in which they were asked for.
    if (turn !== this.#painting) return;
    for (const name of [...style])
      if (/^(--_(?!font|radius)|color-scheme)/.test(name)) style.removeProperty(name);
    for (const [name, value] of Object.entries(colours)) style.setProperty(name, value);
  };

  #keep = (event) => {
    event.stopPropagation();
    if (event.type !== "keydown" || event.key !== "Escape" || event.isComposing || !this.#panel?.open) return;
    // A dialog of the conversation closes by itself, and leaves the conversation open.
    if (event.target.closest("dialog") !== this.#panel) return;
    event.preventDefault();
    this.close();
  };

  /** Closes it also for who is elsewhere in the page: it may lie over what has the focus there. */
  #escape = (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !this.#panel?.open) return;
    // A dialog of the page's own goes first.
    if (!document.querySelector(":modal")) this.close();
  };

  #dock() {
    this.#bubble = h("button", {
      type: "button",
      className: "bubble-button",
      "data-part": "bubble",
      "aria-expanded": "false",
      "aria-haspopup": "dialog",
    });
    this.#panel = h("dialog", { className: "panel", "data-part": "panel", tabIndex: -1 });
    this.#bubble.addEventListener("click", () => this.#open("visitor"));
    // Fetched when somebody seems about to open it.
    for (const type of ["pointerenter", "focus"])
      this.#bubble.addEventListener(type, () => import("./chat.js").catch(() => null));
    this.#panel.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    const dock = h("div", { className: "dock", popover: "manual" }, this.#bubble, this.#panel);
    this.#box.append(dock);
    dock.showPopover?.();
    this.named();
    const before = tab.get(this.#key);
    const seconds = this.getAttribute("open-after");
    // It covers a small window, and so the page that somebody has gone on to.
    const [{ type } = {}] = performance.getEntriesByType("navigation");
    if (this.#narrow.matches && type !== "reload") return;
    if (before === "open") this.#open("page", true);
    else if (Number(seconds ?? "-") >= 0 && before === null && !this.#narrow.matches)
      this.#timer = setTimeout(
        () => this.#narrow.matches || this.#open("timer", true),
        1_000 * Number(seconds),
      );
  }

  /** Opens the panel; `quietly`: nobody asked for it, so the cursor stays where it is. */
  async #open(by, quietly = false) {
    clearTimeout(this.#timer);
    if (this.#panel && !this.#panel.open) {
      tab.set(this.#key, "open");
      this.#show();
      this.#bubble.hidden = true;
      this.#bubble.ariaExpanded = "true";
      this.#news = false;
      this.named();
      if (this.#chat) this.#chat.seen = true;
      this.tell("open", { by });
    }
    if (!quietly && this.#panel && !this.#chat) this.#panel.focus({ __proto__: null, preventScroll: true });
    await this.#load(quietly);
    if (!quietly && this.#panel?.open) this.#chat?.focus({ __proto__: null, preventScroll: true }, true);
  }

  #show() {
    // On a phone there is nothing beside it, for the eye, the keyboard or a screen reader.
    if (this.#narrow.matches) this.#panel.showModal();
    // Not show(), which takes the cursor along, also where nobody asked for it.
    else this.#panel.open = true;
    this.#fit();
  }

  /** Keeps to the part of a small window that is seen above an on-screen keyboard. */
  #fit = () => {
    const panel = this.#panel;
    if (!panel?.open) return;
    const narrow = this.#narrow.matches;
    if (narrow !== panel.classList.contains("narrow") || narrow !== panel.matches(":modal")) {
      panel.classList.toggle("narrow", narrow);
      if (narrow !== panel.matches(":modal")) {
        const { activeElement } = this.#root;
        const inner = panel.querySelector("dialog[open]");
        panel.close();
        this.#show();
        inner?.removeAttribute("open");
        inner?.showModal();
        activeElement?.focus({ __proto__: null, preventScroll: true });
        return;
      }
    }
    const view = window.visualViewport;
    const covered = view && view.scale < 1.05 && window.innerHeight - view.height > 80;
    const place = { __proto__: null, height: "", top: "", bottom: "", maxHeight: "" };
    if (covered && narrow) {
      place.height = `${view.height}px`;
      place.top = `${view.offsetTop}px`;
    } else if (covered) {
      place.bottom = `${window.innerHeight - view.height - view.offsetTop + 8}px`;
      place.maxHeight = `${view.height - 16}px`;
    }
    Object.assign(panel.style, place);
  };

  async #load(quietly = false) {
    const loading = (this.#loading ??= {});
    await null;
    if (!here.Chat && !this.#chat) this.#wait();
    try {
      // What failed once may be remembered as failed: asked for by another name, it is asked for.
      const { Chat } = here.Chat ? here : await import(tries ? `./chat.js?${tries}` : "./chat.js");
      if (loading !== this.#loading || this.#chat || !this.isConnected) return;
      this.#blank?.remove();
      this.#chat = new Chat(this, this.#panel ?? this.#box, { ...this.#wishes(), quietly });
      if (this.#panel && !this.#panel.open) this.#chat.seen = false;
    } catch {
      if (loading !== this.#loading) return;
      this.#loading = null;
      tries += 1;
      this.#wait(true);
      this.tell("error", { code: "parts" });
    }
  }

  /** Puts something in the chat's place until it is there: the way out, and whether it cannot be had. */
  #wait(failed = false) {
    const button = (part, word, action) => {
      const element = h("button", { type: "button", "data-part": part }, this.said(word));
      element.addEventListener("click", action);
      return element;
    };
    const again = () => {
      window.removeEventListener("online", again);
      this.#load();
    };
    if (failed) window.addEventListener("online", again);
    this.#blank?.remove();
    this.#blank = h(
      "div",
      { className: "missing", lang: this.#spoken },
      h("p", { role: "status" }, failed ? this.said("missing") : ""),
      ...(failed ? [button("again", "again", again)] : []),
      ...(this.#panel ? [button("close-panel", "close", () => this.close())] : []),
    );
    (this.#panel ?? this.#box).append(this.#blank);
  }

  #wishes() {
    const prefill = { model: this.getAttribute("model") || undefined };
    for (const name of Object.keys(FIELDS)) {
      const value = this.#fields[name] ?? this.getAttribute(name);
      if (value) prefill[name.replace("-", "_")] = value;
    }
    const code = this.getAttribute("campaign");
    const back = this.getAttribute("back");
    this.removeAttribute("back");
    return {
      base: new URL(this.getAttribute("base") || HOME, document.baseURI),
      language: this.#wanted,
      campaign: code ? plain(code) : undefined,
      model: prefill.model,
      prefill: Object.keys(prefill).length > 1 || prefill.model ? prefill : undefined,
      signed: this.#fields.signed ?? this.getAttribute("signed") ?? undefined,
      back,
    };
  }

  #end() {
    this.#chat?.stop();
    this.#chat = this.#loading = null;
  }
}

// A page that has the script twice has one element all the same.
if (!customElements.get("peil-chat")) customElements.define("peil-chat", PeilChat);

/**
 * What the script at `address` is to do in the page: with anything behind its '?', put a bubble there, with that
 * as its attributes. `said`: the bubble's words by language.
 */
export function launch(address, said) {
  words = said;
  // An element that stood in the page before the script has had none yet.
  for (const chat of shown) chat.named();
  const wishes = new URL(address).searchParams;
  if (![...wishes].length) return;
  if ([...shown].some((one) => one.floating)) {
    console.warn("Peil: there is a bubble in this page already, so there is no second one.");
    return;
  }
  const chat = document.createElement("peil-chat");
  chat.setAttribute("launcher", "");
  for (const [name, value] of wishes)
    if (IN_ADDRESS.includes(name)) chat.setAttribute(name, value);
    else if (name !== "launcher") console.warn(`Peil: '${name}' behind '?' is not taken.`);
  // An early script may run before there is a body.
  (document.body ?? document.documentElement).append(chat);
}
