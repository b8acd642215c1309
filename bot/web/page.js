/** The full page: one chat that fills the window; the address may name a language and a maturity model. */

import "./peil-chat.js";

const query = new URLSearchParams(location.search);
const chat = document.createElement("peil-chat");
const language = query.get("lang");
if (language === "nl" || language === "en") chat.setAttribute("language", language);
if (query.get("model")) chat.setAttribute("model", query.get("model"));

chat.addEventListener("peil:language", (event) => {
  document.documentElement.lang = event.detail.language;
});

const title = document.querySelector("h1");
title.slot = "title";
chat.append(title);
document.querySelector("main").append(chat);

// On a phone, focus would bring up the keyboard over the first message.
if (matchMedia("(hover: hover) and (pointer: fine)").matches) chat.focus({ preventScroll: true });

// Where the on-screen keyboard lies over the page (iOS), the chat keeps to the part that is seen.
const view = window.visualViewport;
function fit() {
  const covered = view.scale < 1.05 && window.innerHeight - view.height > 80;
  chat.style.height = covered ? `${view.height}px` : "";
  chat.style.top = covered ? `${view.offsetTop}px` : "";
}
view?.addEventListener("resize", fit);
view?.addEventListener("scroll", fit);
