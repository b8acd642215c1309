/**
 * The made-up site on /embed: shows Peil as the page around it says, tells that page what Peil tells sites, and
 * does what its buttons say. Listens to nobody else.
 */

const EVENTS = ["open", "close", "start", "progress", "complete", "error", "language", "back"];
const COMMANDS = ["open", "close", "start", "setLanguage", "reset"];
// What counts only when a conversation begins: with another one of these, another chat.
const AT_START = ["campaign", "language", "role-layer", "department", "business-line", "depth", "reference"];

// A trial is not to meet, or end, a conversation that somebody holds with this Peil in this browser: the chat is
// refused any storage, and so keeps what it has in memory. (Not within a frame, which is a page of its own.)
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {
    __proto__: null,
    get() {
      throw new DOMException("A preview keeps nothing.", "SecurityError");
    },
  });
// Only now: nothing of the chat has run before.
const ready = import("/widget.js");

const place = document.getElementById("place");
const start = document.getElementById("start");
let chat = null;
let shown = {};

function tell(content) {
  window.parent.postMessage({ peil: content }, location.origin);
}

for (const name of EVENTS)
  document.addEventListener(`peil:${name}`, ({ detail }) => tell({ event: `peil:${name}`, detail }));

function same(before, after) {
  return (
    before.way === after.way && AT_START.every((name) => before.attributes[name] === after.attributes[name])
  );
}

/** Shows the chat behind a bubble; in the page or a frame it waits for the button, since seen it begins at once. */
function show(wishes) {
  const before = shown;
  shown = wishes;
  if (chat && wishes.way !== "frame" && same(before, wishes)) {
    dress(before.attributes);
    return;
  }
  if (wishes.way === "frame" && before.way === "frame" && before.frame === wishes.frame) return;
  chat?.remove();
  chat = null;
  place.hidden = wishes.way === "bubble";
  start.hidden = false;
  if (wishes.way === "bubble") begin();
}

function dress(before = {}) {
  for (const name of Object.keys(before)) if (!(name in shown.attributes)) chat.removeAttribute(name);
  for (const [name, value] of Object.entries(shown.attributes))
    if (chat.getAttribute(name) !== value) chat.setAttribute(name, value);
}

function begin() {
  if (shown.way === "frame") {
    chat = document.createElement("iframe");
    chat.title = document.body.dataset.frame;
    chat.src = shown.frame;
  } else {
    chat = document.createElement("peil-chat");
    dress();
  }
  (shown.way === "bubble" ? document.body : place).append(chat);
  if (shown.way !== "bubble") place.scrollIntoView();
}

start.addEventListener("click", () => {
  start.hidden = true;
  begin();
});

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || origin !== location.origin || !data?.peil) return;
  const { show: wishes, run, argument } = data.peil;
  if (wishes) show({ ...wishes, attributes: { __proto__: null, ...wishes.attributes } });
  else if (COMMANDS.includes(run)) {
    // In the page, where it waits, these are as good as the button.
    if (!chat && ["open", "start"].includes(run)) start.click();
    if (chat && shown.way !== "frame") chat[run](...(argument ? [argument] : []));
  }
});

await ready;
tell({ ready: true });
