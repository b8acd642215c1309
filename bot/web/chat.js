/**
 * The conversation as one sees it: what was said, what can be tapped, and the field to type in.
 *
 * All that the server sends is shown as text, never as markup. What is not needed up to the first question is
 * fetched once that is on the screen.
 */

import { ChatClient } from "./client.js";
import { LANGUAGES, h, here, icon } from "./peil-chat.js";
import { css } from "./sheet.js";

const MAX_CHARACTERS = 4_000;
const COUNT_FROM = 3_600;
const TYPING_AFTER_MS = 500;
// The next question may come up under the finger within a double tap, which was not meant for it.
const DOUBLE_TAP_MS = 500;
// Messages are shown with the words that belong to them, but do not wait for these longer than this.
const BLANK_MS = 400;
// What comes with a result is waited for so long at most; then its words are shown without it.
const EXTRAS_MS = 1_500;
const EXTRAS_AFTER_MS = 300;
// More quiet buttons than this are a menu.
const FEW = 8;

// "Vraag 4 van 18 · Mensen": where in the questions we are.
const POSITION = /^\S+ (\d+) \S+ (\d+) · \S/m;
// "3 · Losse initiatieven: the wording": one level of a question.
const LEVEL = /^(\d+ · )([^:]+)(?:(:) (.*))?$/;
// "1. Mensen, Samenwerken: ...": what a step is about; the lines below it say more.
const STEP = /^\d+\. /;
// "Mensen: 2,3 · niveau 2": one line of a list, with what it is about.
const FACT = /^([^:]{1,40}:)( .*)$/;
const ADDRESS = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}])/;

/** A text with its addresses as links. */
export function linked(text) {
  // split() with a group gives text and addresses in turn.
  return text
    .split(ADDRESS)
    .map((part, index) =>
      index % 2 ? h("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part,
    );
}

/** The lines of one paragraph, each a block: a step or a level with its heading, or a list of facts. */
function inLines(lines) {
  const step = STEP.test(lines[0]) || LEVEL.test(lines[0]);
  const made = lines.map((line, index) => {
    if (step) return h(index ? "span" : "strong", { className: "line" }, ...linked(line));
    const [, label, rest] = FACT.exec(line) ?? [];
    if (!label) return h("span", { className: "line" }, ...linked(line));
    // A line may end with a point between two facts, never begin with one.
    const facts = linked(rest.replaceAll(" · ", "\u00a0· "));
    return h("span", { className: "line" }, h("strong", {}, label), ...facts);
  });
  return h("p", { className: step ? "step" : "facts" }, ...made);
}

function dayOf(message) {
  const at = new Date(message.at);
  return Number.isNaN(at.getTime()) ? null : at.toDateString();
}

/** Whether a message has more than words and buttons. */
function rich(message) {
  return Boolean(message.image || message.table || message.links);
}

/** The language whose own name this is, if it is one's. */
const named = (title) => Object.keys(LANGUAGES).find((language) => LANGUAGES[language] === title);

/** Sets a text where it is another one: what is written anew is read out anew. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tooLong(text) {
  // As the server counts: characters, not UTF-16 halves of them.
  return [...text].length > MAX_CHARACTERS;
}

/**
 * `shell`: the element around it. `box`: where it is shown. `wishes`: base, language, campaign, model, prefill
 * and signed, of a new conversation; `back`: the key of a way back, or 'move=' and a code; `quietly`: nobody has
 * asked for it, so its greeting is not read out.
 */
export class Chat {
  #shell;
  #client;
  #parts = {};
  #rows = new Map();
  #words = {};
  #menu = {};
  #wordsLanguage = null;
  #spoke;
  #spoken = new Promise((resolve) => (this.#spoke = resolve));
  #back;
  #running = true;
  #scheduled = false;
  #shown = false;
  #seen = true;
  #mine = false;
  #refocus = false;
  #typingTimer = null;
  #resizes = new ResizeObserver(() => this.#onResize());
  #atEnd = true;
  #settledAt = 0;
  #told = {};
  #name;
  // What shows a form, and what shows pictures, tables and links; null when it could not be had.
  #forms;
  #extras;
  #fetching = null;
  #hush = false;
  #unseen = null;
  #quietly;
  #missing = false;

  constructor(shell, box, { back, quietly, ...wishes }) {
    this.#shell = shell;
    this.#quietly = quietly;
    shell.adopt(css);
    this.#build();
    box.append(this.#parts.frame);
    const { campaign, model } = wishes;
    const key = [campaign, model].filter(Boolean).join(".");
    this.#name = key ? `peil.${key}.draft` : "peil.draft";
    this.#client = new ChatClient({ ...wishes, key });
    this.#client.addEventListener("change", () => this.#schedule());
    this.#client.addEventListener("start", () => shell.tell("start", {}));
    this.#client.addEventListener("unsigned", ({ detail }) => shell.tell("error", { code: detail }));
    this.#client.addEventListener("back", () => shell.tell("back"));
    this.#parts.input.value = this.#draft();
    this.#resizes.observe(this.#parts.log);
    this.#back = back ?? null;
    this.#client.start(this.#back !== null);
    this.#loadWords();
    this.#grow();
    setTimeout(() => this.#parts.frame.classList.remove("blank"), BLANK_MS);
  }

  /** Ends it here; the conversation itself goes on wherever it is opened next. */
  stop() {
    this.#running = false;
    this.#client.stop();
    this.#resizes.disconnect();
    clearTimeout(this.#typingTimer);
    this.#parts.frame.remove();
  }

  /** Puts the cursor in the field to type in; `quietly`: on a touch screen only into the conversation. */
  focus(options, quietly = false) {
    const typing = !quietly || matchMedia("(hover: hover) and (pointer: fine)").matches;
    (typing ? this.#parts.input : this.#parts.log).focus(options);
  }

  /** Forgets the conversation on this device and starts a new one. */
  reset() {
    this.#rows.clear();
    this.#parts.list.replaceChildren();
    this.#shown = false;
    this.#client.reset();
  }

  /** Forgets what is being typed. */
  clear() {
    this.#parts.input.value = "";
    this.#grow();
  }

  /** Goes on in this language, or begins in it. */
  setLanguage(language) {
    if (language !== this.#client.language) this.#client.setLanguage(language, LANGUAGES[language]);
    this.#loadWords();
  }

  /** The language that is spoken. */
  get language() {
    return this.#client.language;
  }

  /** Whether anybody looks at it: what nobody looks at asks for news only while an answer is under way. */
  set seen(seen) {
    this.#seen = seen;
    if (!seen) return void this.#schedule();
    this.#client.resume();
    // What came, or was being scrolled to, while nobody looked.
    if (this.#unseen?.isConnected) this.#reveal(this.#unseen, true);
    this.#unseen = null;
    this.#schedule();
  }

  /** Shows the name in the head anew. */
  named() {
    const p = this.#parts;
    p.name.textContent = this.#shell.words("heading", "Peil");
    const badge = this.#shell.badge();
    p.badge?.replaceWith(badge);
    p.badge = badge;
  }

  /**
   * Goes on with the conversation behind a way back, once it is known which one this browser holds. Asks first
   * if something was said in that one: it would be gone from here. The key is then not used up.
   */
  async #comeBack() {
    const key = this.#back;
    this.#back = null;
    const client = this.#client;
    const here = client.held && client.leadsHere(key);
    // The server is told of a conversation that went on elsewhere, whoever holds it.
    let go = !here || key.startsWith("move=");
    if (!here && client.held && client.messages.some((message) => message.role === "user")) {
      const parts = [import("./back.js"), this.#loadExtras(), this.#spoken];
      const asking = await Promise.all(parts).catch(() => null);
      // Not to be had now: nothing is lost, the next reload asks.
      if (!asking) return;
      go = await asking[0].ask(this.#parts.frame, (word) => this.#t(word));
    }
    if (go) client.comeBack(key);
    else this.#shell.tell("back");
  }

  #build() {
    const p = this.#parts;
    p.name = h("span", { className: "name", id: "name" });
    this.named();
    p.menu = h(
      "button",
      {
        type: "button",
        className: "tool",
        "data-part": "menu",
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
      },
      icon("M5 7h14M5 12h14M5 17h14"),
    );
    p.close = h(
      "button",
      { type: "button", className: "tool", "data-part": "close-panel", hidden: !this.#shell.floating },
      icon("M6 6l12 12M18 6L6 18"),
    );
    p.progress = h(
      "div",
      {
        className: "bar",
        "data-part": "progress",
        role: "progressbar",
        "aria-valuemin": 0,
        "aria-valuemax": 100,
      },
      h("div", { className: "fill" }),
    );
    p.list = h("div", { className: "list column" });
    p.typing = h(
      "div",
      { className: "typing bubble", hidden: true, "data-part": "typing", "aria-hidden": "true" },
      h("i"),
      h("i"),
      h("i"),
    );
    p.log = h(
      "div",
      { className: "log", role: "log", tabIndex: 0, "aria-live": "off", "data-part": "log" },
      p.list,
    );
    p.down = h(
      "button",
      { type: "button", className: "down", hidden: true, "data-part": "down" },
      icon("M12 5v14M6 13l6 6 6-6"),
    );
    p.middle = h(
      "div",
      { className: "middle" },
      h("div", { className: "water", "aria-hidden": "true" }),
      p.log,
      p.down,
    );
    p.said = h("p", { className: "quietly", role: "status" });
    p.alert = h("p", { className: "quietly", role: "alert" });
    p.noticeText = h("p");
    p.noticeButton = h("button", { type: "button", className: "small", "data-part": "notice-button" });
    p.notice = h("div", { className: "notice", role: "status", "data-part": "notice" });
    p.noticeInner = h("div", { className: "column" }, p.noticeText, p.noticeButton);
    p.input = h("textarea", {
      rows: 1,
      enterKeyHint: "send",
      autocomplete: "off",
      "data-part": "input",
      "aria-describedby": "count",
    });
    p.send = h(
      "button",
      { type: "submit", className: "send", "data-part": "send" },
      icon("M12 19V5M6 11l6-6 6 6"),
    );
    p.count = h("p", { className: "count column", id: "count", hidden: true, "data-part": "count" });
    p.form = h("form", { className: "composer column", noValidate: true }, p.input, p.send);
    p.frame = h(
      "div",
      { className: "frame blank" },
      h(
        "div",
        { className: "top" },
        h("div", { className: "column" }, p.badge, h("slot", { name: "title" }, p.name), p.menu, p.close),
        p.progress,
      ),
      p.middle,
      h("div", { className: "foot" }, p.notice, p.form, p.count),
      p.said,
      p.alert,
    );
    p.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    p.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    p.input.addEventListener("input", () => this.#grow());
    p.log.addEventListener("scroll", () => this.#onScroll(), { __proto__: null, passive: true });
    p.down.addEventListener("click", (event) => {
      const newest = p.typing.previousElementSibling;
      if (newest) this.#reveal(newest);
      // It goes away by this.
      if (event.currentTarget.matches(":focus-visible"))
        p.log.focus({ __proto__: null, preventScroll: true });
    });
    p.menu.addEventListener("click", () => this.#openMenu());
    p.close.addEventListener("click", () => this.#shell.close());
    p.noticeButton.addEventListener("click", () => {
      if (this.#client.gone !== null) {
        this.reset();
        this.focus();
      } else if (this.#client.stuck) {
        this.#client.retry();
        this.focus();
      } else {
        this.#client.refused = null;
        this.#missing = false;
        this.#showNotice();
        this.focus();
      }
    });
  }

  // ---- words of the interface

  #t(key, values = {}) {
    const words = this.#words[key] ?? this.#shell.said(key);
    return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  async #loadWords() {
    const language = this.#client.language === "nl" ? "nl" : "en";
    if (language === this.#wordsLanguage) return;
    this.#wordsLanguage = language;
    this.#shell.tell("language", { language });
    for (let tries = 0; this.#running && language === this.#wordsLanguage; tries += 1) {
      try {
        const words = await this.#fetchWords(language);
        if (language === this.#wordsLanguage) this.#say(words);
        return;
      } catch {
        // Tried again below: the chat works without these words, only less kindly.
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(1_000 * 2 ** tries, 30_000)));
    }
  }

  #say(words) {
    const p = this.#parts;
    this.#words = words;
    p.frame.lang = this.#wordsLanguage;
    p.log.ariaLabel = this.#t("log");
    p.progress.ariaLabel = this.#t("progress");
    p.input.placeholder = p.input.ariaLabel = this.#t("input");
    for (const [part, label] of [
      [p.send, this.#t("send")],
      [p.down, this.#t("newest")],
      [p.menu, this.#t("menu")],
      [p.close, this.#t("close")],
    ])
      part.ariaLabel = part.title = label;
    this.#rows.forEach((row) => row.say?.());
    this.#spoke();
    this.#grow();
    this.#schedule();
  }

  // ---- typing

  #draft() {
    try {
      return sessionStorage.getItem(this.#name) ?? "";
    } catch {
      return "";
    }
  }

  #grow() {
    const { input, count, send } = this.#parts;
    try {
      // Per tab, and gone with it: what is being typed survives a reload.
      if (input.value) sessionStorage.setItem(this.#name, input.value);
      else sessionStorage.removeItem(this.#name);
    } catch {
      // Storage refused: a reload loses the draft, nothing else does.
    }
    if (!CSS.supports("field-sizing", "content")) {
      input.style.height = "auto";
      input.style.height = `${input.scrollHeight + 2}px`;
    }
    const length = [...input.value.trim()].length;
    const over = tooLong(input.value.trim());
    count.hidden = length < COUNT_FROM;
    if (!count.hidden) {
      const number = new Intl.NumberFormat(this.#wordsLanguage);
      const values = {
        count: number.format(length),
        max: number.format(MAX_CHARACTERS),
        left: number.format(MAX_CHARACTERS - length),
      };
      count.textContent = over ? this.#t("too_long", values) : this.#t("left", values);
    }
    count.classList.toggle("over", over);
    input.ariaInvalid = over ? "true" : "false";
    send.ariaDisabled = over ? "true" : "false";
  }

  #submit() {
    const { input, noticeButton, said, count } = this.#parts;
    const text = input.value.trim();
    if (!text) return;
    if (tooLong(text)) {
      said.textContent = count.textContent;
      return;
    }
    if (this.#client.gone !== null) {
      // Nowhere to send it: it stays in the field until a new conversation is there.
      noticeButton.focus();
      return;
    }
    this.#mine = true;
    input.value = "";
    this.#grow();
    this.#client.sendText(text);
  }

  #putBack(text) {
    const { input } = this.#parts;
    input.value = [input.value.trim(), text].filter(Boolean).join("\n\n");
    this.#grow();
  }

  // ---- the conversation

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.#running) this.#render();
    });
  }

  #render() {
    const { frame, log, list, typing } = this.#parts;
    const client = this.#client;
    let all = client.messages;
    // Held back until there is what shows its picture, table or links; and what comes after it with it.
    const held = all.findIndex((message) => rich(message) && this.#extras === undefined);
    if (held >= 0) {
      this.#loadExtras();
      // Of what was said before nothing is shown in part.
      all = this.#shown ? all.slice(0, held) : [];
    }
    if (!client.loaded) this.#shown = false;
    frame.classList.toggle("still", !this.#shown);
    const resumed = !this.#shown && client.loaded && held < 0;
    const first = resumed && !all.some((message) => message.role === "user");
    // A conversation that was read before is not read out again; a new one is, and what comes from here on.
    log.ariaLive =
      !this.#hush && (this.#shown || (resumed && client.begun && !this.#quietly)) ? "polite" : "off";

    const followed = this.#atEnd;
    const newestKeyboard = all.findLast((message) => message.buttons?.length || message.form)?.id;
    const today = new Date().toDateString();
    const keep = new Set();
    let fresh = null;
    let spoken = client.language;
    let day = today;
    // First, so that nothing that stays has to move, and is read out again for it.
    const wanted = new Set(all.map((message) => message.id));
    for (const [key, row] of this.#rows) {
      if (key.startsWith("day ") || wanted.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    let place = list.firstChild;
    const put = (key, make) => {
      let row = this.#rows.get(key);
      const added = !row;
      if (added) this.#rows.set(key, (row = make()));
      keep.add(key);
      if (row.element === place) place = place.nextSibling;
      else list.insertBefore(row.element, place);
      return added ? row : null;
    };
    for (const message of all) {
      const messageDay = dayOf(message);
      if (messageDay && messageDay !== day) {
        put(`day ${messageDay}`, () => this.#dayRow(message.at));
        day = messageDay;
      }
      if (message.role === "bot") spoken = message.lang;
      const added = put(message.id, () => this.#messageRow(message, spoken));
      const row = this.#rows.get(message.id);
      added?.fit?.();
      const more = row.update(message, message.id === newestKeyboard);
      if (more || (added && message.role === "bot")) fresh ??= row.element;
      if (added && message.completed) this.#complete(message.completed);
    }
    const coming = held >= 0 || (this.#forms === undefined && all.some((message) => message.form));
    for (const [key, row] of this.#rows) {
      if (keep.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    list.append(typing);

    this.#showProgress(all);
    this.#showTyping();
    this.#showNotice();
    if (client.rescued) {
      this.#putBack(client.rescued);
      client.rescued = "";
    }
    this.#loadWords();
    this.#tellTrouble();

    if (resumed) {
      this.#shown = true;
      const lastBot = all.findLast((message) => message.role === "bot");
      const start = first ? list.firstChild : lastBot && this.#rows.get(lastBot.id).element;
      this.#reveal(start, true);
      requestAnimationFrame(() => {
        log.ariaLive = "polite";
        frame.classList.remove("still");
      });
    } else if (fresh && !this.#hush) {
      if (this.#mine || followed) this.#reveal(fresh);
      if (!this.#seen) this.#unseen ??= fresh;
      if (!coming) {
        this.#mine = false;
        this.#moveFocus(fresh, newestKeyboard);
      }
    } else if (this.#mine && !coming) {
      this.#scrollTo(log.scrollHeight);
      // There may be no next question for long, and the button that was pressed is out of sight.
      if (this.#refocus && client.connection !== "ok") this.focus({ __proto__: null, preventScroll: true });
    }
    if (this.#hush) requestAnimationFrame(() => (log.ariaLive = "polite"));
    this.#hush = false;
    this.#onScroll();
    if (client.loaded && frame.lang && !coming) {
      frame.classList.remove("blank");
      const asking = all.some((message) => message.role === "bot" && POSITION.test(message.text));
      if (asking && !this.#fetching) setTimeout(() => this.#loadExtras(), EXTRAS_AFTER_MS);
    }
    if (!this.#seen) {
      if (fresh && this.#shown) this.#shell.unread();
      if (!client.busy && !client.kept && !client.queue.length) client.pause();
    }
    const known = client.loaded || client.gone !== null || !client.held;
    if (this.#back !== null && known) this.#comeBack();
  }

  /** Says to the page, once, what is in the way. */
  #tellTrouble() {
    const { closed, gone, connection } = this.#client;
    const origin = closed === "origin";
    const codes = { origin, code: closed && !origin, gone: gone !== null, offline: connection !== "ok" };
    for (const code of Object.keys(codes)) {
      if (codes[code] && !this.#told[code]) this.#shell.tell("error", { code });
      this.#told[code] = codes[code];
    }
  }

  #complete(id) {
    if (this.#client.completes(id)) this.#shell.tell("complete", { id });
  }

  #dayRow(at) {
    const element = h("p", { className: "day", "data-part": "day" });
    const say = () => {
      const date = new Date(at);
      const days = Math.round((new Date().setHours(12, 0, 0, 0) - date.setHours(12, 0, 0, 0)) / 86_400_000);
      const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
      const parts = { weekday: "long", day: "numeric", month: "long", year };
      const named = [this.#t("today"), this.#t("yesterday")][days];
      write(element, named || new Intl.DateTimeFormat(this.#wordsLanguage, parts).format(date));
    };
    say();
    return { element, say };
  }

  #messageRow(message, spoken) {
    return message.role === "user" ? this.#userRow(message, spoken) : this.#botRow(message);
  }

  #userRow(message, spoken) {
    const who = h("span", { className: "quietly" });
    const state = h("div", { className: "state", "data-part": "state", hidden: true });
    const element = h(
      "div",
      {
        className: "row user",
        "data-part": "message",
        "data-role": "user",
        "data-id": message.id,
        lang: named(message.text) ?? spoken,
        "aria-live": "off",
      },
      h(
        "div",
        { className: "bubble" },
        who,
        h("div", { className: "text", dir: "auto", "data-part": "text" }, h("p", {}, message.text)),
      ),
      state,
    );
    let showing = "";
    const say = () => (who.textContent = this.#t("you"));
    const update = ({ queued, failed }) => {
      const waiting =
        queued && !failed && (this.#client.connection !== "ok" || this.#client.problem !== null);
      element.classList.toggle("queued", Boolean(queued));
      element.classList.toggle("failed", Boolean(failed));
      const now = failed ? "failed" : waiting ? "waiting" : "";
      if (now === showing && now !== "waiting") return;
      showing = now;
      state.hidden = !now;
      state.replaceChildren();
      if (now === "waiting") state.append(this.#t("waiting"));
      if (now === "failed") {
        // The row itself is no news to who has just sent it; this is.
        this.#parts.alert.textContent = failed === true ? this.#t("failed") : failed;
        const part = (name, label, action) => {
          const button = h("button", { type: "button", className: "small", "data-part": name }, label);
          button.addEventListener("click", action);
          return button;
        };
        state.append(
          h("span", {}, failed === true ? this.#t("failed") : failed),
          part("edit", this.#t("edit"), () => {
            const item = this.#client.take(message.id);
            if (item?.text) this.#putBack(item.text);
            this.focus();
          }),
          part("remove", this.#t("remove"), () => {
            this.#client.take(message.id);
            this.focus();
          }),
        );
      }
    };
    say();
    return { element, say, update };
  }

  #botRow(message) {
    // Read out with its message, and not when it comes later.
    const who = h("span", { className: "quietly", "aria-live": "off" });
    const buttons = message.buttons ?? [];
    const made = [];
    const button = (data, className, ...content) => {
      const element = h(
        "button",
        {
          type: "button",
          className,
          "data-part": "button",
          "data-token": data.token,
          "data-title": data.title,
          "data-style": data.style ?? "choice",
          lang: named(data.title),
        },
        ...(content.length ? content : [data.title]),
      );
      element.addEventListener("click", (event) => tap(data, event));
      made.push([data, element]);
      return element;
    };
    if (rich(message) && !this.#extras) this.#loadExtras();
    const tools = this.#extras && {
      client: this.#client,
      address: (url) => this.#address(url),
      frame: this.#parts.frame,
      t: (word) => this.#t(word),
    };
    const picture = tools && message.image && this.#extras.picture(message, tools);
    const text = this.#text(message, buttons, button, picture?.element);
    const links = tools && message.links && this.#extras.links(message, tools);
    const rest = buttons.filter((data) => !made.some(([other]) => other === data));
    const element = h(
      "div",
      {
        className: "row bot",
        "data-part": "message",
        "data-role": "bot",
        "data-id": message.id,
        lang: message.lang ?? "",
      },
      h("div", { className: "bubble" }, who, text),
    );
    element.classList.toggle("wide", made.length > 0 || Boolean(message.table || message.form));
    element.classList.toggle("result", Boolean(picture && message.table));
    const bubble = element.firstChild;
    if (picture && !message.table) bubble.append(picture.element);
    // Where the question is put again below what was said of the links, they stand above it.
    const again = text.querySelector(".head");
    if (links) again ? again.before(links.element) : bubble.append(links.element);
    for (const [style, className] of [
      ["level", "level"],
      ["choice", "choice"],
      ["quiet", "quiet"],
    ]) {
      const some = rest.filter(
        (data) => (["level", "quiet"].includes(data.style) ? data.style : "choice") === style,
      );
      if (!some.length) continue;
      element.append(
        h(
          "div",
          {
            className: style === "level" ? "levels bubble" : some.length > FEW ? "buttons menu" : "buttons",
            role: "group",
            "data-part": `${style}s`,
          },
          ...some.map((data) =>
            button(
              data,
              className,
              ...(style === "level" ? [h("span", { className: "label" }, data.title)] : []),
            ),
          ),
        ),
      );
    }
    // Where no question stands out, it is what was said last.
    const question = text.querySelector(".ask") ?? [...text.querySelectorAll("p")].at(-1);
    for (const group of element.querySelectorAll("[role=group]"))
      if (question) group.ariaLabel = question.textContent;

    const say = () => {
      write(who, this.#t("bot"));
      picture?.say();
      links?.say();
    };
    let form;
    const tap = (data, event) => this.#tap(data, message.id, event);
    if (message.form && !this.#forms) this.#loadForms();
    const update = (newer, live) => {
      const more = message.form && form === undefined && this.#forms !== undefined;
      if (more) form = this.#forms?.show(this.#client, message, element, made, tap) ?? null;
      element.classList.toggle("live", live);
      element.toggleAttribute("data-live", live);
      const tapped = this.#client.tapped(message.id);
      const waiting = tapped !== null || this.#client.gone !== null;
      element.classList.toggle("waiting", waiting);
      for (const [data, part] of made) {
        part.ariaDisabled = waiting || performance.now() < this.#settledAt ? "true" : "false";
        part.classList.toggle("chosen", tapped === data.token);
      }
      picture?.update(newer);
      links?.update(newer);
      form?.(live);
      // There is more to see of the newest question than there was.
      return more && live;
    };
    const table = text.querySelector("table");
    // Never a word cut in two for want of room: a table that does not fit becomes a list of its rows.
    const fit = () => {
      table.classList.remove("stacked");
      table.classList.toggle("stacked", table.offsetWidth > table.parentElement.clientWidth);
    };
    say();
    return { element, say, update, fit: table && fit, plain: rich(message) && !tools };
  }

  /** Fetches what shows pictures, tables and links. What needs it waits a little, then shows its words only. */
  #loadExtras() {
    return (this.#fetching ??= this.#fetchExtras());
  }

  async #fetchExtras() {
    const late = setTimeout(() => {
      this.#extras ??= null;
      this.#schedule();
    }, EXTRAS_MS);
    try {
      const extras = await import("./extras.js");
      this.#shell.adopt(extras.css);
      this.#extras = extras;
    } catch {
      // Asked for again by the next message that needs it.
      this.#extras = this.#fetching = null;
    }
    clearTimeout(late);
    const { token } = this.#parts.frame.getRootNode().activeElement?.dataset ?? {};
    for (const [key, row] of this.#rows) {
      if (!row.plain || !this.#extras) continue;
      // What was shown in words meanwhile gets its picture and its links, and is not read out again.
      this.#hush = true;
      row.element.remove();
      this.#rows.delete(key);
    }
    if (this.#hush && this.#running) {
      this.#render();
      // Who was in a row that was made anew is in it again.
      const again = token && this.#parts.list.querySelector(`[data-token="${CSS.escape(token)}"]`);
      if (again) again.focus({ __proto__: null, preventScroll: true });
    }
    this.#schedule();
  }

  async #loadForms() {
    this.#forms = undefined;
    this.#forms = await import("./form.js").catch(() => null);
    if (this.#forms) this.#shell.adopt(this.#forms.css);
    // Nothing has been seen yet: as if it had been there from the start.
    if (this.#parts.frame.matches(".blank")) this.#shown = false;
    this.#schedule();
  }

  /**
   * The text of a message as paragraphs; what it says of a level becomes that level's button, what it says in
   * a table becomes one, beside the picture.
   */
  #text(message, buttons, button, picture = "") {
    const text = h("div", { className: "text", dir: "auto", "data-part": "text" });
    const levels = buttons.filter((data) => data.style === "level");
    const paragraphs = (message.text ?? "").split("\n\n");
    const head = paragraphs.findIndex((paragraph) => POSITION.test(paragraph));
    paragraphs.forEach((paragraph, index) => {
      if (this.#extras && index === message.table?.paragraph) {
        const table = this.#extras.tableOf(message.table, text.lastChild?.textContent);
        const cells = h("div", { className: "cells" }, table);
        text.append(h("div", { className: "pair" }, picture, cells));
        return;
      }
      const lines = paragraph.split("\n");
      // Above the question levels are only talked about: each has one button, below it.
      if (index < head || !lines.some((line) => LEVEL.test(line))) {
        const className = (head >= 0 && ["head", "ask"][index - head]) || "";
        text.append(lines.length > 1 ? inLines(lines) : h("p", { className }, ...linked(paragraph)));
        return;
      }
      // Without a place among the questions: what stands above the levels asks for one.
      if (head < 0) text.lastElementChild?.classList.add("ask");
      const group = h("div", { className: "levels", role: "group", "data-part": "levels" });
      for (const line of lines) {
        const [, number, label, colon, words] = LEVEL.exec(line) ?? [];
        if (!number) {
          group.append(h("p", {}, ...linked(line)));
          continue;
        }
        const content = [
          h("span", { className: "n" }, number),
          h("span", { className: "label" }, label, colon ? ": " : ""),
        ];
        if (words) content.push(h("span", { className: "words" }, words));
        const data = levels.find((other) => other.title === number + label);
        group.append(data ? button(data, "level", ...content) : h("div", { className: "level" }, ...content));
      }
      text.append(group);
    });
    return text;
  }

  /** The whole address of what the server names; '' for what is no web address. */
  #address(url) {
    const whole = new URL(url, this.#client.base);
    return /^https?:$/.test(whole.protocol) ? whole.href : "";
  }

  #tap(data, from, event) {
    if (event.currentTarget.ariaDisabled === "true") return;
    this.#mine = true;
    this.#settledAt = performance.now() + DOUBLE_TAP_MS;
    setTimeout(() => this.#schedule(), DOUBLE_TAP_MS + 10);
    // Only who works by keyboard is taken along to the next question: for a thumb, focus has no place.
    this.#refocus = event.currentTarget.matches(":focus-visible");
    this.#client.sendButton(data, from);
  }

  #moveFocus(fresh, keyboard) {
    if (!this.#refocus) return;
    this.#refocus = false;
    const row = this.#rows.get(keyboard)?.element;
    let next =
      row &&
      !(row.compareDocumentPosition(fresh) & Node.DOCUMENT_POSITION_FOLLOWING) &&
      row.querySelector("input, [data-part=button]");
    const below = next && next.getBoundingClientRect().top - fresh.getBoundingClientRect().top;
    if (below > this.#parts.log.clientHeight - 60) {
      // What can be answered is out of sight: first what is new, from which Tab leads on.
      fresh.tabIndex = -1;
      next = fresh;
    }
    (next || this.#parts.input).focus({ __proto__: null, preventScroll: true });
  }

  #showProgress(all) {
    const { frame, progress } = this.#parts;
    const at = all.findLastIndex((message) => message.role === "bot" && POSITION.test(message.text));
    if (at < 0) {
      frame.classList.remove("rising");
      frame.style.setProperty("--_level", 0);
      progress.setAttribute("aria-valuenow", 0);
      return;
    }
    const [, number, total] = POSITION.exec(all[at].text);
    if (this.#told.at !== `${number} ${total}`) {
      this.#told.at = `${number} ${total}`;
      this.#shell.tell("progress", { number: Number(number), of: Number(total) });
    }
    // A picture after the last question is the result: all has been asked.
    const done = all.slice(at).some((message) => message.image);
    const level = done ? 1 : (number - 1) / total;
    frame.classList.add("rising");
    frame.style.setProperty("--_level", level);
    progress.setAttribute("aria-valuenow", Math.round(level * 100));
  }

  /** The words of the menu, in the language that is spoken. */
  async #menuWords() {
    const language = this.#wordsLanguage;
    return (this.#menu[language] ??= await this.#fetchWords(language, "?part=menu"));
  }

  async #fetchWords(language, part = "") {
    const response = await fetch(new URL(`api/chat/texts/${language}${part}`, this.#client.base), {
      __proto__: null,
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    return response.ok ? response.json() : Promise.reject(new Error(part));
  }

  async #openMenu() {
    const { frame, menu } = this.#parts;
    const parts = [import("./menu.js"), this.#menuWords(), this.#loadExtras(), this.#spoken];
    const found = await Promise.all(parts).catch(() => null);
    if (!found || !this.#extras) {
      this.#shell.tell("error", { code: "parts" });
      this.#missing = true;
      this.#showNotice();
      return;
    }
    // Closed meanwhile: a dialog that nobody sees would keep the page from being used.
    if (!this.#seen) return;
    this.#shell.adopt(found[0].css);
    menu.ariaExpanded = "true";
    const chosen = await found[0].choose(frame, (word) => found[1][word] ?? this.#t(word), {
      language: this.#client.language,
      complete: this.#client.messages.some((message) => message.completed),
    });
    menu.ariaExpanded = "false";
    menu.focus({ __proto__: null, preventScroll: true });
    if (!chosen) return;
    this.#mine = true;
    this.#client.sendCommand(chosen.what, chosen.title);
  }

  #showTyping() {
    const { typing, said } = this.#parts;
    const busy = this.#client.busy && this.#client.connection === "ok" && this.#client.gone === null;
    if (!busy) {
      clearTimeout(this.#typingTimer);
      this.#typingTimer = null;
      typing.hidden = true;
      said.textContent = "";
    } else if (this.#typingTimer === null) {
      this.#typingTimer = setTimeout(() => {
        const end = this.#atEnd;
        typing.hidden = false;
        said.textContent = this.#t("typing");
        if (end) this.#scrollTo(this.#parts.log.scrollHeight);
      }, TYPING_AFTER_MS);
    }
  }

  #showNotice() {
    const { frame, notice, noticeInner, noticeText, noticeButton } = this.#parts;
    const client = this.#client;
    // An invitation that opens nothing is all there is to say.
    const typing = frame.getRootNode().activeElement === this.#parts.input;
    frame.classList.toggle("closed", client.closed !== null);
    if (client.closed !== null && typing) this.#parts.close.focus();
    let text = "";
    let action = "";
    if (client.gone !== null) {
      text = client.gone || this.#t("gone");
      action = this.#t("new_conversation");
    } else if (client.problem !== null) {
      text = client.problem || (client.stuck ? this.#t("failed") : this.#t("slow_down"));
      // What was used up, closed or withdrawn stays so; the others may open yet.
      if (client.closed) action = ["early", "tries"].includes(client.closed) ? this.#t("again") : "";
      else if (client.stuck) action = this.#t("new_conversation");
    } else if (client.refused !== null) {
      text = client.refused || this.#t("back_ended");
      action = this.#t("close");
    } else if (this.#missing) {
      text = this.#t("parts_missing");
      action = this.#t("close");
    } else if (client.connection !== "ok") {
      text = client.connection === "offline" ? this.#t("offline") : this.#t("unavailable");
    } else if (client.kept) text = this.#t("kept");
    if (noticeText.textContent !== text) noticeText.textContent = text;
    write(noticeButton, action);
    noticeButton.hidden = !action;
    if (text && !notice.firstChild) notice.append(noticeInner);
    else if (!text && notice.firstChild) notice.replaceChildren();
  }

  // ---- scrolling

  /** Scrolls to the end, but never past the start of `element`: what is new is read from its beginning. */
  #reveal(element, atOnce) {
    const { log } = this.#parts;
    if (!element) return;
    const top = (other) =>
      other.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop - 6;
    const end = log.scrollHeight - log.clientHeight;
    const before = element.previousElementSibling;
    const start = before && top(before) >= end ? top(before) : top(element);
    // Whoever asked for the menu gets to see it, below the last levels of a question that was read before.
    const menu = !atOnce && element.querySelector(".head:first-child") && element.querySelector(".menu");
    const wanted = menu ? Math.max(start, top(menu) - 0.4 * log.clientHeight) : start;
    this.#scrollTo(Math.min(end, wanted), atOnce);
  }

  #scrollTo(top, atOnce) {
    const still = atOnce || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#parts.log.scrollTo({ __proto__: null, top, behavior: still ? "instant" : "smooth" });
  }

  #onScroll() {
    const { log, down, typing } = this.#parts;
    const below = log.scrollHeight - log.clientHeight - log.scrollTop;
    this.#atEnd = below < 60;
    // Who sees the beginning of the newest message needs no way to it.
    const newest = typing.previousElementSibling;
    down.hidden =
      this.#atEnd || !newest || newest.getBoundingClientRect().top < log.getBoundingClientRect().bottom - 40;
  }

  #onResize() {
    this.#rows.forEach((row) => row.fit?.());
    // The phone's keyboard came up or went: who was at the end stays there.
    if (this.#atEnd) this.#reveal(this.#parts.typing.previousElementSibling, true);
    this.#onScroll();
  }
}

here.Chat = Chat;
