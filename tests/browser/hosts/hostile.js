// What scripts of sites do to each other, all of it in one place. Run after record.js, before the chat.
(() => {
  "use strict";
  const { getOwnPropertyNames } = Object;

  // Libraries of old put functions on the prototypes of everything; `for ... in` meets them all.
  const LIBRARY = ["forEach", "each", "clone", "extend", "include", "size", "first", "last", "without", "keys"];
  for (const name of LIBRARY) {
    Object.prototype[name] = function () {
      throw new Error(`Object.prototype.${name} was called`);
    };
    if (!(name in Array.prototype))
      Array.prototype[name] = function () {
        throw new Error(`Array.prototype.${name} was called`);
      };
  }
  // What browsers read from the options that they are given, where these do not say it themselves.
  const OPTIONS = {
    once: true,
    passive: true,
    capture: true,
    signal: AbortSignal.abort(),
    detail: "hostile",
    bubbles: false,
    cancelable: true,
    composed: false,
    body: "hostile",
    headers: { "X-Hostile": "1" },
    method: "DELETE",
    mode: "no-cors",
    credentials: "include",
    cache: "only-if-cached",
    redirect: "error",
    integrity: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    keepalive: true,
    referrer: "no address",
    preventScroll: "yes",
    behavior: "smooth",
    block: "center",
    top: 1,
    left: 1,
    is: "hostile-button",
    extends: "button",
    attributes: true,
    threshold: 7,
    ifAvailable: true,
    steal: true,
    notation: "scientific",
    style: "percent",
    timeZone: "Nowhere/Nowhere",
    // Nor what messages may or may not have.
    image: { url: "/hostile.png", alt: "hostile" },
    table: { paragraph: 0, columns: ["hostile"], rows: [["hostile"]] },
    form: "hostile",
    links: [],
    completed: "hostile",
    failed: "hostile",
    queued: true,
    gone: "hostile",
    back: "hostile",
    campaign: "hostile",
    prefill: { model: "hostile" },
  };
  for (const name of getOwnPropertyNames(OPTIONS)) Object.prototype[name] = OPTIONS[name];
  // As Prototype.js had it: what JSON.stringify is given comes out as a string within a string.
  Array.prototype.toJSON = function () {
    return `[${this.join(", ")}]`;
  };
  Object.prototype.toJSON = function () {
    return "hostile";
  };

  // A network that fails every second time: before anything is sent, or when the answer is lost.
  const real = window.fetch;
  const tries = new Map();
  const log = [];
  window.fetch = async function (resource, options) {
    const { pathname } = new URL(String(resource.url ?? resource), location.href);
    const name = `${options?.method ?? "GET"} ${pathname}`;
    const number = tries.get(name) ?? 0;
    tries.set(name, number + 1);
    const fate = ["fails", "works", "is lost", "works"][number % 4];
    log.push(`${name} ${fate}`);
    if (fate === "fails") throw new TypeError("hostile: not sent");
    const response = await real.call(window, resource, options);
    if (fate === "is lost") throw new TypeError("hostile: the answer is lost");
    return response;
  };
  window.fetched = () => log.join("\n");

  window.onerror = () => true;
  window.name = "hostile";
  window.event = "hostile";
  window.close = window.open = window.stop = window.focus = window.scrollTo = () => {
    throw new Error("hostile");
  };

  // A site with shortcuts: whatever bubbles up to it is its own, letters included.
  const taken = [];
  window.taken = () => taken.join(" ");
  for (const type of ["keydown", "keypress", "keyup", "paste"]) {
    for (const target of [document, window]) {
      target.addEventListener(
        type,
        (event) => {
          taken.push(event.type);
          event.preventDefault();
          event.stopImmediatePropagation();
        },
        // Its own words, since the ones above would be read.
        { __proto__: null, capture: false, passive: false },
      );
    }
  }
})();
