/**
 * The full page: one chat that fills the window or a frame; the address may name an invitation, or a maturity
 * model, a language and colours, and bring a way back or, behind its '#', what is known beforehand. Runs before
 * the chat's own script, and so sets what the chat is to begin with.
 */

const chat = document.querySelector("peil-chat");
const query = new URLSearchParams(location.search);
const language = query.get("lang");
if (language === "nl" || language === "en") chat.setAttribute("language", language);
// The code stays in the address: with it one comes back.
const [, code] = /^\/c\/([^/]+)/.exec(location.pathname) ?? [];
if (code) chat.setAttribute("campaign", code);
else if (query.get("model")) chat.setAttribute("model", query.get("model"));

// No words and no pictures: whoever makes a link must not be able to speak in Peil's name.
for (const name of ["accent", "background", "card", "text", "font", "radius", "scheme"])
  if (query.get(name)) chat.setAttribute(name, query.get(name));

chat.addEventListener("peil:language", (event) => {
  document.documentElement.lang = event.detail.language;
});

/** Takes the key of a way back, or 'move=' and a code, out of the address; a reload must still have it. */
function takeKey() {
  const [, key] = /^#(?:back=|(?=move=))(.+)$/.exec(location.hash) ?? [];
  if (key) history.replaceState({ back: key }, "", location.pathname + location.search);
  return key;
}

/**
 * Takes what is known beforehand out of the address, too: it is nobody's business but the conversation's. A
 * reference is shown in Peil's own words, so it comes signed, or not by a link.
 */
function takeFields() {
  const given = new URLSearchParams(location.hash.slice(1));
  const names = ["role-layer", "department", "business-line", "depth", "signed"];
  const fields = names.filter((name) => given.get(name)).map((name) => [name, given.get(name)]);
  if (fields.length)
    history.replaceState({ ...history.state, fields }, "", location.pathname + location.search);
}

takeKey();
takeFields();
for (const [name, value] of history.state?.fields ?? []) chat.setAttribute(name, value);
chat.addEventListener("peil:start", () => history.replaceState({ ...history.state, fields: [] }, ""));
if (history.state?.back) chat.setAttribute("back", history.state.back);
chat.addEventListener("peil:back", () => history.replaceState(null, ""));
// The link was opened where this page was open already.
window.addEventListener("hashchange", () => takeKey() && location.reload());

// On a phone, focus would bring up the keyboard over the first message.
// In a frame it would take the cursor from the page around it.
if (window.top === window && matchMedia("(hover: hover) and (pointer: fine)").matches) {
  customElements.whenDefined("peil-chat").then(() => chat.focus({ preventScroll: true }));
}

// Where the on-screen keyboard lies over the page (iOS), the chat keeps to the part that is seen.
const view = window.visualViewport;
function fit() {
  const covered = view.scale < 1.05 && window.innerHeight - view.height > 80;
  chat.style.height = covered ? `${view.height}px` : "";
  chat.style.top = covered ? `${view.offsetTop}px` : "";
}
view?.addEventListener("resize", fit);
view?.addEventListener("scroll", fit);
