/**
 * Talks to the server behind the chat: starts or resumes a conversation, sends what was said in order and
 * exactly once, follows what comes in. Knows nothing of the page: says 'change' when there is news.
 *
 * Kept in localStorage (in memory where storage is refused), under the prefix `peil.`: the token, the
 * language, what was not sent yet, until there is an answer to it the random key of a beginning, which result
 * the page was told of, and, once somebody came back by a link, its key and a random name for this device.
 * Nothing else, and no cookie.
 */

const WAIT_SECONDS = 20;
const TIMEOUT_MS = 30_000;
const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** An answer of the server that is not the one asked for; `status` 0 when no answer came at all. */
class Problem extends Error {
  constructor(status, { detail = "", type = "" } = {}, retryAfter = 0) {
    super(detail || `status ${status}`);
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
    /** Why a code opens nothing, such as 'used', or 'origin' or 'signed'; undefined where it is another matter. */
    this.why = /^urn:peil:(?:code:)?(\w+)$/.exec(type)?.[1];
  }

  /** Whether the same request may succeed a little later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Strings by name in localStorage; from the first refusal on (private window, full, forbidden) in memory. */
class Store {
  #memory = new Map();
  #refused = false;

  constructor(prefix) {
    this.prefix = prefix;
  }

  get(name) {
    try {
      if (!this.#refused) return localStorage.getItem(this.prefix + name);
    } catch {
      this.#refused = true;
    }
    return this.#memory.get(name) ?? null;
  }

  set(name, value) {
    if (value === null) this.#memory.delete(name);
    else this.#memory.set(name, value);
    try {
      if (this.#refused) return;
      if (value === null) localStorage.removeItem(this.prefix + name);
      else localStorage.setItem(this.prefix + name, value);
    } catch {
      this.#refused = true;
    }
  }
}

/** Runs `work` while no other tab runs work of that name; where the browser has no locks, just runs it. */
async function alone(name, work) {
  let ran = false;
  const run = () => {
    ran = true;
    return work();
  };
  try {
    if (navigator.locks) return await navigator.locks.request(name, run);
  } catch (error) {
    if (ran) throw error;
  }
  return run();
}

function newId() {
  // Not crypto.randomUUID: that one is missing on plain http.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** As JSON; also on a page that has given all objects and lists a toJSON of its own. */
function json(value) {
  const bare = (one) => {
    if (one === null || typeof one !== "object") return one;
    const same = Array.isArray(one) ? [] : {};
    for (const name of Object.keys(one)) same[name] = bare(one[name]);
    return Object.setPrototypeOf(same, null);
  };
  return JSON.stringify(bare(value));
}

/** What a text says as JSON; what is not in it is not there, whatever a page has given all objects. */
function parsed(text) {
  const bare = (_, one) =>
    one && typeof one === "object" && !Array.isArray(one) ? Object.setPrototypeOf(one, null) : one;
  return JSON.parse(text, bare);
}

function retryAfterMs(header) {
  const seconds = Number(header);
  const ms = header && !Number.isNaN(seconds) ? seconds * 1_000 : Date.parse(header ?? "") - Date.now();
  return Math.min(Math.max(ms || 0, 0), 600_000);
}

export class ChatClient extends EventTarget {
  /** Words of the server (`detail`) about a conversation that is no more; null while there is one. */
  gone = null;
  /** Words of the server about what is in the way right now (too much at once); '' when it gave none. */
  problem = null;
  /** Starting was refused for good; `retry()` tries again. */
  stuck = false;
  /** Why nothing opens here, such as 'used' of an invitation, or 'origin'; `problem` says it in words. */
  closed = null;
  /** What was typed but could not be sent before the conversation ended: for the input field. */
  rescued = "";
  /** Words of the server why a way back was refused; null when none was. */
  refused = null;
  /** Whether the history, or the first messages, have been read. */
  loaded = false;
  /** Whether the conversation was begun here and now: nobody has read a word of it before. */
  begun = false;

  // `confirmed` is the server's order. `tail` came back with something we sent, and is shown until the
  // server's own list has it: with two tabs at work its order may be another.
  #confirmed = [];
  #tail = [];
  #awaiting = new Map();
  #sending = null;
  // In a row, and apart: a poll that gets through must not hide that nothing can be sent.
  #failures = { GET: 0, POST: 0 };
  #lastFailure = "offline";
  #token = null;
  #running = false;
  #away = false;
  #starting = false;
  #flushing = false;
  #following = false;
  #poll = null;
  #sleepers = new Set();
  #name;
  #store;
  #devices = new Store("peil.");
  #wanted;

  /**
   * `base`: address of the server's root; `language`: 'nl' or 'en', for a new conversation; `campaign`,
   * `prefill` and `signed`: handed to a new conversation; `key`: tells this conversation from others of the site.
   */
  constructor({ base, language, campaign, prefill, signed, key = "" }) {
    super();
    this.base = base;
    this.campaign = campaign;
    this.prefill = prefill;
    this.signed = signed;
    this.#name = key ? `peil.${key}.` : "peil.";
    this.#store = new Store(this.#name);
    this.#wanted = language;
  }

  /** Goes on with the conversation that this browser holds; without one, begins one, unless told to `wait`. */
  start(wait = false) {
    this.#running = true;
    this.#listen("addEventListener");
    this.#token = this.#store.get("token");
    if (this.#token || !wait) this.#go();
    else this.#changed();
  }

  stop() {
    this.#running = false;
    this.#listen("removeEventListener");
    this.#poll?.abort();
    this.#wake();
  }

  /** Asks for no news until `resume()`; what is said meanwhile is sent all the same. */
  pause() {
    if (this.#away) return;
    this.#away = true;
    this.#poll?.abort();
  }

  resume() {
    if (!this.#away) return;
    this.#away = false;
    this.#onVisibility();
  }

  #listen(how) {
    window[how]("online", this.#onOnline);
    window[how]("offline", this.#changed);
    window[how]("storage", this.#onStorage);
    document[how]("visibilitychange", this.#onVisibility);
  }

  /** Whether there is a conversation to go on with. */
  get held() {
    return this.#token !== null;
  }

  /** Whether this is the conversation behind the way back with this key, as far as can be seen from here. */
  leadsHere(key) {
    const leads = (link) => link.url?.endsWith(key);
    return this.#store.get("back") === key || this.messages.some((message) => message.links?.some(leads));
  }

  /** What was said so far, in order; last what is not sent yet (`queued`), or was refused (`failed`). */
  get messages() {
    const known = new Set([...this.#confirmed, ...this.#tail].map((message) => message.id));
    const waiting = this.queue
      .filter((item) => !known.has(item.id))
      .map((item) => ({ __proto__: null, ...asMessage(item), queued: true }));
    return [...this.#confirmed, ...this.#tail, ...waiting];
  }

  get queue() {
    try {
      return parsed(this.#store.get("queue") ?? "[]");
    } catch {
      return [];
    }
  }

  /** The language of the bot's newest message; before there is one, the language asked for. */
  get language() {
    const spoken = [...this.#confirmed, ...this.#tail].findLast(
      (message) => message.role === "bot" && message.lang,
    );
    return spoken?.lang ?? (this.#token && this.#store.get("language")) ?? this.#wanted;
  }

  /** 'ok', 'offline' (nothing comes through) or 'unavailable' (the server is there and cannot). */
  get connection() {
    if (navigator.onLine === false) return "offline";
    return Math.max(this.#failures.GET, this.#failures.POST) > 1 ? this.#lastFailure : "ok";
  }

  /** Whether an answer is on its way. */
  get busy() {
    const last = this.#tail.at(-1) ?? this.#confirmed.at(-1);
    return this.#sending !== null || last?.role === "user";
  }

  /** Whether something was taken in that will be answered later. */
  get kept() {
    return this.#awaiting.size > 0;
  }

  /** What was tapped under message `id` and has no reply yet: the button's token, else null. */
  tapped(id) {
    const item = this.queue.find((other) => other.from === id && !other.failed);
    return item?.button ?? [...this.#awaiting.values()].find((other) => other.from === id)?.button ?? null;
  }

  sendText(text) {
    this.#send({ text });
  }

  /** Sends a tap on a button of message `from`; a second tap before the reply does nothing. */
  sendButton(button, from) {
    if (this.tapped(from) !== null) return;
    this.#send({ button: button.token, title: button.title, from, level: button.style === "level" });
  }

  /** Sends a command of the menu, such as 'my_data'; `title` is how it stands in the conversation. */
  sendCommand(what, title) {
    this.#send({ do: what, title });
  }

  /** Goes on in this language; a conversation that has not begun begins in it. */
  setLanguage(language, title) {
    this.#wanted = language;
    const command = `language_${language}`;
    if (this.#token && !this.queue.some((item) => item.do === command)) this.sendCommand(command, title);
    else this.#changed();
  }

  /** Whether this result is one that nobody was told of before. */
  completes(id) {
    if (this.#store.get("completed") === id) return false;
    this.#store.set("completed", id);
    return true;
  }

  /** Takes something that was not sent out of the queue and returns it; null when it is gone already. */
  take(id) {
    const item = this.queue.find((other) => other.id === id) ?? null;
    this.#setQueue(this.queue.filter((other) => other.id !== id));
    return item;
  }

  /** Forgets this conversation here (not on the server) and starts a new one. */
  reset() {
    this.#forget();
    return this.#go();
  }

  /**
   * Goes on with the conversation behind a way back, instead of the one at hand; says 'back' once that is done
   * or refused. An answer that got lost is asked for again: the server knows the device. `key`: may be 'move='
   * and the code of a conversation that was held elsewhere.
   */
  async comeBack(key) {
    this.#starting = true;
    this.#devices.set("device", this.#devices.get("device") ?? newId());
    const device = this.#devices.get("device");
    for (let tries = 0, pause = 1; pause && this.#running; tries += 1) {
      pause = 0;
      await alone(`${this.#name}start`, async () => {
        this.#sending ??= key;
        this.#changed();
        try {
          const [, code] = /^move=(.+)/.exec(key) ?? [];
          const body = code ? { code, device } : { key, device };
          const { token } = await this.#call(null, "POST", code ? "move" : "back", body);
          if (token === this.#token) return;
          const typed = this.#unsent();
          this.#forget();
          this.rescued = typed;
          this.#store.set("back", key);
          this.#store.set("token", (this.#token = token));
        } catch (error) {
          if (error.passing) pause = this.#pauseAfter(error, tries);
          else this.refused = error.detail;
        } finally {
          if (this.#sending === key) this.#sending = null;
        }
      });
      if (pause) await this.#sleep(pause);
      else this.dispatchEvent(new Event("back"));
    }
    this.#starting = false;
    return this.#go();
  }

  /** Tries to start again after a refusal: without wishes, if it was they that were refused, most likely. */
  retry() {
    if (!this.closed) this.prefill = undefined;
    this.stuck = false;
    this.closed = this.problem = null;
    this.#wake();
    return this.#go();
  }

  /** Reads the whole history again: pictures and files get addresses that work, ended links lose theirs. */
  async refresh() {
    const token = this.#token;
    if (!token) return;
    const before = this.#tail;
    try {
      const { messages } = await this.#call(token, "GET", "messages?wait=0");
      if (token === this.#token) this.#confirm(messages, before);
    } catch {
      // The long poll meets the same trouble, and says so.
    }
  }

  async #go() {
    this.#changed();
    if (!this.#token) await this.#begin();
    if (!this.#token) return;
    this.#flush();
    this.#follow();
  }

  async #begin() {
    if (this.#starting) return;
    this.#starting = true;
    for (let tries = 0; this.#running && !this.#token && !this.gone && !this.stuck; tries += 1) {
      let pause = 0;
      // Alone: two tabs opened together shall share one conversation.
      await alone(`${this.#name}start`, async () => {
        this.#token = this.#store.get("token");
        if (this.#token) return;
        try {
          // Of an invitation for one person there is one beginning: with the same key it is the same one.
          const key = this.#store.get("key") ?? newId();
          this.#store.set("key", key);
          const wishes = {
            language: this.#wanted,
            campaign: this.campaign,
            key,
            prefill: this.prefill,
            signed: this.signed,
          };
          const begun = await this.#call(null, "POST", "conversations", wishes);
          this.#token = begun.token;
          this.begun = true;
          this.#store.set("token", begun.token);
          this.#store.set("key", null);
          this.#confirm(begun.messages, []);
          this.dispatchEvent(new Event("start"));
        } catch (error) {
          if (error.why === "signed") {
            // Nobody is kept out by what the page got wrong: what it says of them is asked instead.
            this.signed = this.prefill = undefined;
            this.dispatchEvent(new CustomEvent("unsigned", { __proto__: null, detail: "signed" }));
            return;
          }
          this.closed = error.why ?? null;
          if ([404, 422].includes(error.status) && !error.why && this.prefill) {
            // Nor by a slip of the pen there. Which questionnaire was meant cannot be left open, though.
            const { model } = this.prefill;
            const slip = error.status === 422 && Object.keys(this.prefill).some((name) => name !== "model");
            this.dispatchEvent(new CustomEvent("unsigned", { __proto__: null, detail: "prefill" }));
            if (slip) {
              this.prefill = model && { model };
              return;
            }
          }
          this.stuck = !error.passing || Boolean(error.why);
          // For good: what comes next is another beginning.
          if (this.stuck) this.#store.set("key", null);
          if (this.stuck) this.problem = error.detail;
          else pause = this.#pauseAfter(error, tries);
        }
      });
      this.#changed();
      if (pause) await this.#sleep(pause);
    }
    this.#starting = false;
  }

  #send(content) {
    const item = { __proto__: null, id: newId(), at: new Date().toISOString(), ...content };
    this.refused = null;
    this.#setQueue([...this.queue, item]);
    // Whoever says something now wants a try now, not at the end of a long pause; unless told to slow down.
    if (this.problem === null) this.#wake();
    this.#flush();
  }

  #setQueue(items) {
    this.#store.set("queue", items.length ? json(items) : null);
    this.#changed();
  }

  async #flush() {
    if (this.#flushing) return;
    this.#flushing = true;
    for (let tries = 0; this.#running && this.#token && this.#next();) {
      // The lock is held for one request, never for a pause: timers of a tab in the background are slow.
      const pause = await alone(`${this.#name}send`, () => this.#sendNext(tries));
      tries = pause ? tries + 1 : 0;
      if (pause) await this.#sleep(pause);
    }
    this.#flushing = false;
  }

  #next() {
    return this.queue.find((item) => !item.failed);
  }

  async #sendNext(tries) {
    const item = this.#next();
    const token = this.#token;
    if (!item || !token) return 0;
    this.#sending = item.id;
    this.#changed();
    try {
      const { id, text, button, do: what } = item;
      const reply = await this.#call(token, "POST", "messages", { id, text, button, do: what });
      if (token === this.#token) this.#sent(item, reply);
    } catch (error) {
      if (token !== this.#token) return 0;
      if (error.status === 401) this.#lose(token, error);
      else if (error.passing) return this.#pauseAfter(error, tries);
      else {
        this.#setQueue(
          this.queue.map((other) =>
            other.id === item.id ? { ...other, failed: error.detail || true } : other,
          ),
        );
      }
    } finally {
      this.#sending = null;
      this.#changed();
    }
    return 0;
  }

  #sent(item, reply) {
    this.#add([asMessage(item), ...reply.messages]);
    if (!item.level && !reply.pending) this.#reviseLinks();
    if (reply.pending) {
      const messages = [...this.#confirmed, ...this.#tail];
      const told = new Set(reply.messages.map((message) => message.id));
      const since = messages.slice(messages.findIndex((message) => message.id === item.id));
      // The long poll may have brought the answer before this 'later' arrived.
      const answered = since.some((message) => message.role === "bot" && !told.has(message.id));
      if (!answered) this.#awaiting.set(item.id, item);
    }
    this.take(item.id);
  }

  get #looks() {
    return !document.hidden && !this.#away && this.closed === null;
  }

  async #follow() {
    if (this.#following) return;
    this.#following = true;
    for (let tries = 0; this.#running && this.#token && this.#looks;) {
      const token = this.#token;
      const began = Date.now();
      const after = this.loaded ? this.#confirmed.at(-1)?.id : undefined;
      const poll = (this.#poll = new AbortController());
      const before = this.#tail;
      let pause = 0;
      try {
        const query = after ? `?after=${encodeURIComponent(after)}&wait=${WAIT_SECONDS}` : "?wait=0";
        const { messages } = await this.#call(token, "GET", `messages${query}`, undefined, poll.signal);
        tries = 0;
        const told = new Set([...this.#confirmed, ...this.#tail].map((message) => message.id));
        if (token === this.#token) this.#confirm(messages, after ? null : before);
        // What comes by itself may end a link that is shown, or be in its place.
        const news = messages.some((message) => !told.has(message.id));
        if (after && news && !this.#sending) this.#reviseLinks();
        // A server that does not wait must not be asked without end.
        if (!messages.length && Date.now() - began < 1_000) pause = 2_000;
      } catch (error) {
        if (poll.signal.aborted || token !== this.#token) continue;
        if (error.status === 401) this.#lose(token, error);
        else if (error.why === "origin") {
          this.closed = error.why;
          this.problem = error.detail;
          this.#changed();
        } else {
          if (!error.passing) this.loaded = false;
          pause = this.#pauseAfter(error, (tries += 1), "GET");
        }
      }
      if (pause) await this.#sleep(pause);
    }
    this.#following = false;
  }

  /**
   * Takes messages in the server's own order. `before`: they are the whole history, asked for when this was
   * the tail; what is missing from it was erased. Null: they are what came after the last confirmed one.
   */
  #confirm(messages, before) {
    this.#noteAnswers(messages);
    const ids = new Set(messages.map((message) => message.id));
    if (before) {
      this.#confirmed = messages;
      // Erased, perhaps: then nothing of it stays here either.
      if (!messages.some((message) => message.completed)) this.#store.set("completed", null);
    } else {
      const known = new Set(this.#confirmed.map((message) => message.id));
      this.#confirmed = [...this.#confirmed, ...messages.filter((message) => !known.has(message.id))];
    }
    this.#tail = this.#tail.filter((message) => !ids.has(message.id) && !before?.includes(message));
    this.loaded = true;
    if (this.queue.some((item) => ids.has(item.id) && item.id !== this.#sending)) {
      this.#setQueue(this.queue.filter((item) => !ids.has(item.id) || item.id === this.#sending));
    }
    this.#store.set("language", this.language);
    this.#changed();
  }

  #add(messages) {
    this.#noteAnswers(messages);
    const known = new Set([...this.#confirmed, ...this.#tail].map((message) => message.id));
    this.#tail = [...this.#tail, ...messages.filter((message) => !known.has(message.id))];
  }

  #noteAnswers(messages) {
    const known = new Set([...this.#confirmed, ...this.#tail].map((message) => message.id));
    if (!messages.some((message) => message.role === "bot" && !known.has(message.id))) return;
    const answered = this.#awaiting.size > 0;
    this.#awaiting.clear();
    if (answered) this.#reviseLinks();
  }

  /**
   * Whatever was said other than a level, or done on another page, may have used up or withdrawn a link that
   * is shown: only the history says so. Who has no links reads nothing twice.
   */
  #reviseLinks() {
    const shown = [...this.#confirmed, ...this.#tail];
    if (shown.some((message) => message.links?.some((link) => link.url))) this.refresh();
  }

  #lose(token, error) {
    const stored = this.#store.get("token");
    if (stored && stored !== token) {
      this.#adopt(stored);
      return;
    }
    const typed = this.#unsent();
    const shown = this.#confirmed.concat(this.#tail);
    this.#forget();
    this.#confirmed = shown;
    this.rescued = typed;
    this.gone = error.detail;
    this.#changed();
  }

  #unsent() {
    const typed = this.queue.filter((item) => item.text).map((item) => item.text);
    return typed.join("\n\n");
  }

  #forget() {
    for (const name of ["token", "queue", "language", "back", "completed"]) this.#store.set(name, null);
    this.#clear();
  }

  #clear() {
    this.#token = null;
    this.#confirmed = [];
    this.#tail = [];
    this.#awaiting.clear();
    this.gone = this.problem = this.closed = null;
    this.stuck = this.loaded = this.begun = false;
    this.#poll?.abort();
    this.#wake();
  }

  /** Goes on with the conversation that another tab has started. */
  #adopt(token) {
    this.#clear();
    this.#token = token;
    this.#go();
  }

  async #call(token, method, path, body, signal) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
    const abort = () => controller.abort();
    signal?.addEventListener("abort", abort);
    try {
      const response = await fetch(new URL(`api/chat/${path}`, this.base), {
        __proto__: null,
        method,
        headers: {
          __proto__: null,
          ...(body && { "Content-Type": "application/json" }),
          ...(token && { Authorization: `Bearer ${token}` }),
        },
        body: body && json(body),
        credentials: "omit",
        referrerPolicy: "no-referrer",
        cache: "no-store",
        signal: controller.signal,
      });
      if (!response.ok) {
        const words = await response
          .text()
          .then(parsed)
          .catch(() => parsed("{}"));
        throw new Problem(response.status, words, retryAfterMs(response.headers.get("Retry-After")));
      }
      const answer = parsed(await response.text());
      this.#failures[method] = 0;
      if (method === "POST") this.problem = null;
      return answer;
    } catch (error) {
      throw error instanceof Problem ? error : new Problem(0);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Notes a failure that may pass, and says for how many milliseconds to let it. */
  #pauseAfter(error, tries, method = "POST") {
    if (error.status === 429) {
      // Too much polling is ours to slow down, and nothing to bother a person with.
      if (method === "POST") this.problem = error.detail;
    } else {
      this.#failures[method] += 1;
      this.#lastFailure = error.status ? "unavailable" : "offline";
    }
    this.#changed();
    const usual = BACKOFF_MS[Math.min(tries, BACKOFF_MS.length - 1)] * (0.8 + 0.4 * Math.random());
    return Math.max(error.retryAfter || 0, usual);
  }

  #sleep(ms) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#sleepers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#sleepers.add(done);
    });
  }

  #wake() {
    for (const done of [...this.#sleepers]) done();
  }

  #changed = () => {
    this.dispatchEvent(new Event("change"));
  };

  #onOnline = () => {
    // A poll from before the interruption may hang until its time is up.
    this.#poll?.abort();
    this.#failures = { GET: 0, POST: 0 };
    this.#wake();
    this.#changed();
  };

  #onVisibility = () => {
    if (!this.#looks) this.#poll?.abort();
    else {
      this.#wake();
      if (this.#token) {
        this.#reviseLinks();
        this.#follow();
      }
    }
  };

  #onStorage = (event) => {
    if (event.key === `${this.#name}token` && event.newValue && event.newValue !== this.#token) {
      this.#adopt(event.newValue);
    } else if (event.key === `${this.#name}queue`) {
      this.#changed();
      this.#flush();
    }
  };
}

function asMessage(item) {
  return {
    __proto__: null,
    id: item.id,
    role: "user",
    text: item.text ?? item.title,
    at: item.at,
    failed: item.failed,
  };
}
