/**
 * From what a web master has chosen on /embed to the code to paste. Knows nothing of the page: texts in, text out.
 *
 * `chosen`: by name of the control, '' where it is as usual; all of it valid. `server`: Peil's address without '/'
 * at the end. Whatever a value holds, it comes out as that value and nothing else: no quote, bracket or '&' ends it.
 */

/** The attributes in the order in which they are written. `reference` never gets into an address. */
const ATTRIBUTES = [
  "campaign",
  "language",
  "position",
  "open-after",
  "scheme",
  "accent",
  "background",
  "card",
  "text",
  "font",
  "radius",
  "heading",
  "heading-nl",
  "heading-en",
  "label",
  "label-nl",
  "label-en",
  "avatar",
  "role-layer",
  "department",
  "business-line",
  "depth",
  "reference",
];
const OF_BUBBLE = ["position", "open-after", "label", "label-nl", "label-en"];
const USUAL = { __proto__: null, position: "right", scheme: "auto" };
const KNOWN = ["role-layer", "department", "business-line", "depth"];
// What the page that stands in a frame takes from its address: no words and no pictures.
const LOOK = ["scheme", "accent", "background", "card", "text", "font", "radius"];
// Longer than this, each attribute gets a line of its own.
const LONG = 90;

/** The code of an invitation in what was pasted (also its whole link), in one spelling; null if there is none. */
export function codeIn(pasted) {
  const [, code] = /\/c\/([^/?#]+)/.exec(pasted) ?? [null, pasted];
  const signs = code.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return /^[0-9A-Z]{16}$/.test(signs) ? signs : null;
}

// What may be allowed, as bot/origins.py has it: http only where it crosses no network.
const ALLOWED =
  /^(https:\/\/([a-z0-9._-]+|\[[0-9a-f:]+\])|http:\/\/(([a-z0-9_-]+\.)*localhost|127\.0\.0\.1|\[::1\]))(:\d+)?$/;

/** The origin of a site in what was typed, such as 'https://www.company.example'; null for none that can be allowed. */
export function originIn(typed) {
  try {
    const { origin } = new URL(/^[a-z]+:\/\//i.test(typed) ? typed : `https://${typed}`);
    return ALLOWED.test(origin) ? origin : null;
  } catch {
    return null;
  }
}

/** [name, value] of each attribute that is not as usual, for a bubble or a chat in the page. */
export function attributesOf(chosen) {
  const words = { __proto__: null, ...chosen };
  for (const name of ["heading", "label"]) {
    const [nl, en] = [words[`${name}-nl`], words[`${name}-en`]];
    if (nl && nl === en) Object.assign(words, { [name]: nl, [`${name}-nl`]: "", [`${name}-en`]: "" });
  }
  return ATTRIBUTES.filter((name) => words[name] && words[name] !== USUAL[name])
    .filter((name) => chosen.way === "bubble" || !OF_BUBBLE.includes(name))
    .map((name) => [name, words[name]]);
}

function escaped(text) {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** The start tag of an element; `[name, null]` is an attribute without a value. */
function tag(name, attributes, end) {
  const written = attributes.map(([key, value]) => (value === null ? key : `${key}="${escaped(value)}"`));
  const line = [`<${name}`, ...written].join(" ");
  return line.length <= LONG
    ? line + end
    : [`<${name}`, ...written.map((one) => `  ${one}`)].join("\n") + `\n${end}`;
}

/** The address of the script; the pinned one has a version in it. */
export function scriptOf(server, version, chosen) {
  return chosen.version === "pinned" ? `${server}/widget/${version}/widget.js` : `${server}/widget.js`;
}

/** The address of the whole chat, for a frame. What is known stands behind the '#', which browsers do not send. */
export function frameOf(server, chosen) {
  const differs = (name) => chosen[name] && chosen[name] !== USUAL[name];
  const pairs = (names) => names.filter(differs).map((name) => [name, chosen[name]]);
  const query = new URLSearchParams([
    ...pairs(["language"]).map(([, value]) => ["lang", value]),
    ...pairs(LOOK),
  ]);
  const known = new URLSearchParams(pairs(KNOWN));
  const path = chosen.campaign ? `/c/${encodeURIComponent(chosen.campaign)}` : "/";
  return `${server}${path}${query.size ? `?${query}` : ""}${known.size ? `#${known}` : ""}`;
}

function line(script, chosen) {
  const wishes = new URLSearchParams(attributesOf({ ...chosen, reference: "" }));
  // With nothing behind the '?' the script would wait for an element in the page.
  const address = `${script}?${wishes.size ? wishes : "launcher"}`;
  return `<script type="module" src="${escaped(address)}"></script>`;
}

function element(script, chosen) {
  const attributes = attributesOf(chosen);
  if (chosen.way === "bubble") attributes.unshift(["launcher", null]);
  // Its place, before the script has come: else what stands below would be pushed down then.
  else attributes.push(["style", "display: block; height: 38rem"]);
  const loaded = `<script type="module" src="${escaped(script)}"></script>`;
  return `${loaded}\n${tag("peil-chat", attributes, "></peil-chat>")}`;
}

/** [name, value] of each attribute of a frame. What stands in the chat can be copied from it. */
function framed(address) {
  return [
    ["src", address],
    ["title", "Peil"],
    ["width", "100%"],
    ["height", "640"],
    ["allow", "clipboard-write"],
    ["loading", "lazy"],
  ];
}

/** An attribute of JSX: a string of JavaScript where the value has signs that JSX takes for its own. */
function property([name, value]) {
  return /^[\w #.,:/()%?=-]*$/.test(value) ? `${name}="${value}"` : `${name}={${JSON.stringify(value)}}`;
}

function used(name, attributes, more = []) {
  const written = [...attributes.map(property), ...more];
  const short = `<${[name, ...written].join(" ")} />`;
  return short.length <= LONG ? short : `<${name}\n${written.map((one) => `  ${one}\n`).join("")}/>`;
}

// The same as in docs/embedding.md, from where the tests take it.
const COMPONENT = `function Peil({ onComplete, ...attributes }) {
  const chat = useRef(null);
  useEffect(() => {
    const element = chat.current;
    const complete = (event) => onComplete?.(event.detail.id);
    element.addEventListener("peil:complete", complete);
    return () => element.removeEventListener("peil:complete", complete);
  }, [onComplete]);
  return <peil-chat ref={chat} {...attributes} />;
}`;

function react(script, chosen) {
  const attributes = attributesOf(chosen);
  const inPage = chosen.way === "page";
  if (!inPage) attributes.unshift(["launcher", ""]);
  const place = inPage ? [`style={{ display: "block", height: "38rem" }}`] : [];
  return [
    `<!-- index.html -->\n<script type="module" src="${escaped(script)}"></script>`,
    `// Peil.jsx\nimport { useEffect, useRef } from "react";\n\nexport ${COMPONENT}`,
    `// App.jsx\n${used("Peil", attributes, place)}`,
  ].join("\n\n");
}

/** The code to paste, of the kind that was chosen: 'line', 'element', 'frame' or 'react'. */
export function codeOf(server, version, chosen) {
  const script = scriptOf(server, version, chosen);
  if (chosen.way === "frame") {
    const attributes = framed(frameOf(server, chosen));
    return chosen.kind === "react" ? used("iframe", attributes) : tag("iframe", attributes, "></iframe>");
  }
  const kinds = { __proto__: null, line, element, react };
  return kinds[chosen.kind](script, chosen);
}

/** What allows the site with this origin to hold conversations here. */
export function allowanceOf(origin, chosen) {
  return chosen.campaign ? `peil campaign embed CAMPAIGN --origin ${origin}` : `PEIL_EMBED_ORIGINS=${origin}`;
}

/** What the site's own Content-Security-Policy has to allow. */
export function policyOf(server, chosen) {
  const peil = new URL(server).origin;
  if (chosen.way === "frame") return `frame-src ${peil}`;
  const avatar = chosen.avatar ? new URL(chosen.avatar).origin : peil;
  return [
    `script-src ${peil}`,
    `connect-src ${peil}`,
    `img-src ${[...new Set([peil, avatar])].join(" ")}`,
  ].join(";\n");
}
