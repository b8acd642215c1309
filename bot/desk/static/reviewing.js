// Keys through the pile. The page works without: each key is a link or a button that is there anyway.

const KEY = "peil.desk.keys";
const help = document.getElementById("help");
const open = document.getElementById("help-open");
const box = document.getElementById("keys-on");
const search = document.getElementById("search");

function on() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

if (help && open && box) {
  open.hidden = false;
  open.addEventListener("click", () => help.showModal());
  box.checked = on();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEY, box.checked ? "on" : "off");
    } catch {
      // Without storage they are on again on the next page.
    }
  });
}

const items = [...document.querySelectorAll(".item")];

function current() {
  const focused = document.activeElement?.closest?.(".item");
  if (focused) return items.indexOf(focused);
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  return target ? items.indexOf(target.closest(".item")) : -1;
}

function go(step) {
  const item = items[Math.max(0, Math.min(items.length - 1, current() + step))];
  if (item) {
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "start" });
    follow(item);
  }
}

// Beside the answers, the conversation goes to where this one was said; below them, it would take us away.
function follow(item) {
  const talk = document.querySelector(".talk");
  const line = [...item.querySelectorAll("a.to-talk")].map((a) => document.getElementById(a.hash.slice(1))).find(Boolean);
  if (!talk || !line || getComputedStyle(talk).overflowY !== "auto") return;
  // Lines that were not drawn yet have a guessed height, so that a second look is needed once they are.
  const go = () => {
    talk.scrollTop += line.getBoundingClientRect().top - talk.getBoundingClientRect().top - talk.clientHeight / 4;
  };
  go();
  requestAnimationFrame(() => requestAnimationFrame(go));
}

// Unfolds a form of the question one is at, or of the whole; the form, or undefined.
function unfold(key) {
  const form = (items[current()] ?? (key === "level" ? undefined : document.querySelector(".about")))?.querySelector(`form[data-key="${key}"]`);
  if (form) form.closest("details").open = true;
  return form;
}

function write(key) {
  unfold(key)?.querySelector("textarea")?.focus();
}

function choose(level) {
  const form = unfold("level");
  const choice = form?.querySelector(`input[name="level"][value="${level}"]`);
  if (!choice) return;
  choice.checked = true;
  form.querySelector("textarea").focus();
}

function mark(name) {
  const item = items[current()];
  (item ?? document).querySelector(`[data-mark="${name}"]`)?.click();
}

const DOES = {
  j: () => document.getElementById("following")?.click(),
  k: () => document.getElementById("previous")?.click(),
  n: () => go(1),
  p: () => go(-1),
  o: () => write("o"),
  v: () => write("v"),
  ...Object.fromEntries(["1", "2", "3", "4", "5"].map((level) => [level, () => choose(level)])),
  f: () => mark("follow_up"),
  a: () => mark("agreed"),
  "/": () => (search?.matches("input") ? search.focus() : search?.click()),
  "?": () => help?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]") || help?.open || !(on() && box?.checked !== false)) return;
  const does = Object.hasOwn(DOES, event.key) ? DOES[event.key] : undefined;
  if (does) {
    event.preventDefault();
    does();
  }
});

// A link between the conversation and the answers takes the focus along.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#m"], a[href^="#q-"]');
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (target) setTimeout(() => target.focus({ preventScroll: true }));
});
