// What every page does with a message about the last change, and with folded parts on paper. Pages work without.

const flash = document.querySelector("[data-flash]");
const told = document.querySelector("[data-told]");

if (flash && !document.querySelector("[autofocus]")) {
  let place = null;
  try {
    place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch {
    // No address of ours is written like that.
  }
  if (!place) flash.focus();
  else {
    // Whoever comes back to the middle of a page would not see what is said at its top.
    const heading = place.matches("h1, h2, h3, h4") ? place : place.querySelector("h2, h3, h4");
    flash.removeAttribute("role");
    if (heading) heading.after(flash);
    else place.prepend(flash);
    place.scrollIntoView({ block: "start", behavior: "instant" });
    // A region tells of what changes in it, not of what was there from the start.
    setTimeout(() => {
      told.textContent = flash.textContent;
    }, 300);
  }
}

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details.dimension:not([open])")];
  for (const one of opened) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of opened) one.open = false;
});
