/**
 * A form: the numbered lines of a message become entries that can be marked, and one button sends them all.
 * Loaded only when there is one to show; without it the lines are there to be read, and answered by typing.
 */

export const css = `
fieldset {
  min-width: 0;
  margin: 0;
  padding: 0;
  border: 0;
}
legend {
  padding: 0;
}
.text .head + fieldset {
  margin-top: 0.25rem;
}
.text p:not(.head) + fieldset {
  margin-top: 0.625rem;
}
.entry {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5rem 0.75rem;
  min-height: 2.75rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--_edge);
  border-radius: 10px;
  background: var(--_wash);
  line-height: 1.35;
}
label.entry {
  flex-wrap: nowrap;
  cursor: pointer;
  -webkit-tap-highlight-color: transparent;
  touch-action: manipulation;
}
label.entry > input {
  flex: none;
  width: 1.375rem;
  height: 1.375rem;
  margin: 0;
  accent-color: var(--_teal);
  cursor: inherit;
}
label.entry:has(:checked) {
  border-color: var(--_teal);
  box-shadow: inset 0 0 0 1px var(--_teal);
}
.wording {
  flex: 1 1 18rem;
  min-width: 0;
}
.wording .n {
  white-space: pre;
  color: var(--_teal);
  font-weight: 650;
}
.wording .label {
  font-weight: 650;
}
.wording .words {
  font-size: 0.9375rem;
}
.wording .words::before {
  content: "\\A";
  white-space: pre;
}

/* several marks: a small choice behind each entry, or below it where there is no room */
.marks {
  display: flex;
  flex-wrap: wrap;
  gap: 0.375rem;
  max-width: 100%;
}
.mark {
  position: relative;
  display: flex;
  flex: 1 1 auto;
  cursor: pointer;
  -webkit-tap-highlight-color: transparent;
  touch-action: manipulation;
}
/* not out of sight of who explores by touch: it lies over its words */
.mark input {
  position: absolute;
  inset: 0;
  width: 100%;
  height: 100%;
  margin: 0;
  opacity: 0;
  cursor: inherit;
}
.mark span {
  display: grid;
  flex: 1;
  place-items: center;
  min-height: 2.75rem;
  padding: 0.25rem 0.375rem;
  border: 1px solid var(--_edge);
  border-radius: 10px;
  background: var(--_card);
  font-size: 0.875rem;
  font-weight: 500;
  text-align: center;
}
.mark :checked + span {
  border-color: var(--_teal);
  background: var(--_accent);
  color: var(--_on-teal);
}
.mark :focus-visible + span {
  outline: 3px solid var(--_buoy);
  outline-offset: 2px;
}
@container (min-width: 30rem) {
  .mark span {
    padding-inline: 0.75rem;
  }
}
/* 200% zoom on a phone: the words go round the box */
@container (max-width: 14rem) {
  .entry {
    padding: 0.375rem;
  }
  label.entry {
    display: block;
  }
  label.entry > input {
    float: inline-start;
    margin-inline-end: 0.5rem;
  }
}
@media (hover: hover) {
  fieldset:enabled:not([aria-disabled="true"]) label.entry:hover,
  fieldset:enabled:not([aria-disabled="true"]) .mark:hover span {
    border-color: var(--_teal);
    box-shadow: inset 0 0 0 1px var(--_teal);
  }
}

.text fieldset .levels + p {
  margin-top: 0.75rem;
  font-size: 0.9375rem;
  color: var(--_soft);
}
button.go {
  display: block;
  width: min(100%, 20rem);
  margin-top: 0.75rem;
  border-width: 2px;
  text-align: center;
}
.live .go {
  border-color: var(--_teal);
  background: var(--_accent);
  color: var(--_on-teal);
}

/* awaiting a reply: what was marked stands out from what was not */
.waiting fieldset .entry,
.waiting fieldset .mark,
fieldset:disabled .entry,
fieldset:disabled .mark {
  cursor: default;
}
.waiting label.entry:not(:has(:checked)),
.waiting .mark :not(:checked) + span {
  opacity: 0.65;
}

/* of a question that has passed: lines again, with what was marked */
fieldset:disabled .levels {
  gap: 0;
}
fieldset:disabled .entry {
  min-height: 2rem;
  padding: 0.25rem 0;
  border: 0;
  background: none;
  box-shadow: none;
}
fieldset:disabled .mark span {
  min-height: 1.75rem;
  padding-block: 0;
  border-color: var(--_line);
  background: none;
  color: var(--_soft);
}
fieldset:disabled .mark :checked + span {
  border-color: var(--_edge);
  background: var(--_wash);
  color: var(--_ink);
}
fieldset:disabled .words {
  color: var(--_soft);
}
fieldset:disabled label.entry:not(:has(:checked)) :is(.n, .label) {
  color: var(--_soft);
  font-weight: 400;
}
fieldset:disabled .go {
  display: none;
}
@media (forced-colors: active) {
  .entry,
  .mark span {
    border-color: CanvasText;
  }
  .mark :checked + span {
    forced-color-adjust: none;
    border-color: Highlight;
    background: Highlight;
    color: HighlightText;
  }
  fieldset:disabled .mark :checked + span {
    border-color: GrayText;
    background: Canvas;
    color: GrayText;
    text-decoration: underline;
  }
}
`;

// What waited for this module was read out when it came as lines: it is not read out again as a form.
let late = true;
setTimeout(() => (late = false));

// Marked and not sent: goes along when the same question is put again, below an explanation of it, say.
let draft = null;

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * Makes the form of `message` out of its lines in `row`, and returns what keeps it up to date: a function of
 * whether it is the newest. What can be locked is added to `made`; `tap` sends a button.
 */
export function show(client, message, row, made, tap) {
  const { token, of, entries, marks, send: title, none } = message.form;
  const id = (name) => `form-${message.id}-${name}`;
  const inputs = [];
  const marked = new Map((message.form.marked ?? []).map(({ number, value }) => [number, value]));

  const text = row.querySelector(".text");
  const group = [...text.querySelectorAll(".levels")].at(-1) ?? make("div", { className: "levels" });
  const question = group.previousElementSibling;
  const below = [];
  for (let next = group.nextElementSibling; next; next = next.nextElementSibling) below.push(next);

  const lines = new Map([...group.children].map((line) => [parseInt(line.textContent, 10), line]));
  for (const { number, title: label } of entries) {
    const line = lines.get(number);
    const words = make("span", { className: "wording", id: id(number) }, ...(line?.childNodes ?? []));
    if (!line) words.append(make("span", { className: "n" }, `${number} · `), label);
    const entry = entryRow(number, words, marks, id(`mark${number}`), inputs);
    if (line) line.replaceWith(entry);
    else group.append(entry);
  }
  // The fieldset is the group now, and its legend the name of it.
  group.removeAttribute("role");
  group.ariaLabel = null;

  const send = make("button", { type: "button", className: "choice go" });
  send.dataset.part = "form-send";
  const fieldset = make("fieldset", {});
  fieldset.dataset.part = "form";
  if (group.parentElement) group.before(fieldset);
  else text.append(fieldset);
  if (question?.matches(".ask")) {
    fieldset.append(make("legend", { className: "ask" }, ...question.childNodes));
    question.remove();
  }
  fieldset.append(group, ...below, send);
  below.forEach((part, index) => (part.id = id(`below${index}`)));
  if (below.length) fieldset.setAttribute("aria-describedby", below.map((part) => part.id).join(" "));
  made.push([message.form, fieldset], [message.form, send]);

  // What is marked is told by the marks themselves, not by a log that reads out what changes in it.
  if (late) fieldset.ariaLive = "off";
  else setTimeout(() => (fieldset.ariaLive = "off"), 1_000);

  const paint = () => {
    for (const input of inputs) input.checked = marked.get(Number(input.dataset.number)) === input.value;
    const words = marked.size ? title : none;
    if (send.textContent !== words) send.textContent = words;
  };
  const take = (pairs) => {
    marked.clear();
    for (const [number, value] of pairs)
      if (inputs.some((input) => Number(input.dataset.number) === number && input.value === value))
        marked.set(number, value);
    paint();
  };

  /** Marks what this input stands for; if that is marked already, also of a choice, takes it back. */
  const turn = ({ value, dataset }) => {
    const number = Number(dataset.number);
    if (marked.get(number) === value) marked.delete(number);
    else marked.set(number, value);
    draft = { token, marked };
    paint();
  };
  fieldset.addEventListener("click", (event) => {
    if (event.target.localName !== "input") return;
    if (fieldset.ariaDisabled === "true") event.preventDefault();
    else turn(event.target);
  });
  fieldset.addEventListener("keyup", (event) => {
    // Some browsers make a click of the space bar on a chosen radio button, some do not.
    if (event.key !== " " || event.target.type !== "radio" || !event.target.checked) return;
    event.preventDefault();
    if (fieldset.ariaDisabled !== "true") turn(event.target);
  });
  send.addEventListener("click", (event) => {
    const code = Array.from({ length: of }, (_, index) => marked.get(index + 1) ?? "-").join("");
    // An answer, as a level is one: it changes no link.
    tap({ token: `${token}~${code}`, title: inWords(marked, marks) || none, style: "level" }, event);
  });

  take(draft?.token === token ? [...draft.marked] : [...marked]);
  if (draft?.token === token) draft = { token, marked };

  let sent = false;
  return (live) => {
    const tapped = client.tapped(message.id);
    const mine = Boolean(tapped?.startsWith(`${token}~`));
    if (mine) {
      // Sent from here, from another tab, or before a reload.
      if (!sent) take([...tapped.slice(token.length + 1)].map((value, index) => [index + 1, value]));
      sent = true;
      draft = null;
    } else if (client.queue.some((item) => item.from === message.id && item.failed)) sent = false;
    send.classList.toggle("chosen", mine);
    // While a reply is awaited it is locked but not disabled: whoever is in it by keyboard stays there.
    fieldset.disabled = !live || (sent && !tapped);
    // A later form of the same question is shown in the same breath, or none is.
    if (!live) queueMicrotask(() => draft?.marked === marked && (draft = null));
  };
}

/** One entry: a check box with its words as label; with several marks, its words and a choice of these. */
function entryRow(number, words, marks, name, inputs) {
  const input = (type, value) => {
    const element = make("input", { type, value, name });
    element.dataset.part = "mark";
    element.dataset.number = number;
    inputs.push(element);
    return element;
  };
  let row;
  if (marks.length === 1)
    row = make("label", { className: "entry" }, input("checkbox", marks[0].value), words);
  else {
    const choices = marks.map(({ value, title }) =>
      make("label", { className: "mark" }, input("radio", value), make("span", {}, title)),
    );
    row = make("div", { className: "entry" }, words, make("div", { className: "marks" }, ...choices));
    row.setAttribute("role", "radiogroup");
    row.setAttribute("aria-labelledby", words.id);
  }
  row.dataset.part = "entry";
  row.dataset.number = number;
  return row;
}

/** What is marked as one would type it: '1, 3'; with several marks '2 planned, 4 does not fit'. */
function inWords(marked, marks) {
  const titles = new Map(marks.map(({ value, title }) => [value, title]));
  return [...marked]
    .sort(([one], [other]) => one - other)
    .map(([number, value]) => (marks.length > 1 ? `${number} ${titles.get(value)}` : number))
    .join(", ");
}
