/** The chat's colours where a page wishes its own; loaded only then. Whatever the wish, all can be read (WCAG 2.2 AA). */

const BLACK = [0, 0, 0];
const WHITE = [255, 255, 255];
// As in sheet.js: paper, card, ink, accent, buoy, warn.
const [DAY, NIGHT] = [
  "f2f5f2 ffffff 12302f 0b5a63 b2410f fdf1e4",
  "0c2024 14323a e9f2f0 7fd0d0 ffb07a 3a2a1c",
].map((colours) => colours.split(" ").map((hex) => hex.match(/../g).map((part) => parseInt(part, 16))));

/** A CSS colour as [red, green, blue, alpha], the first three 0 to 255, or null; `dark`: the scheme for light-dark(). */
export function read(colour, dark) {
  // Not by a canvas, which says what is not so where privacy is guarded; out of reach of the page's own styles.
  const host = document.createElement("div");
  const probe = document.createElement("i");
  host.attachShadow({ __proto__: null, mode: "closed" }).append(probe);
  const set = (value) => probe.style.setProperty("background-color", value);
  probe.style.colorScheme = dark ? "dark" : "light";
  set(colour);
  // Any syntax becomes 'color(srgb ...)'. A browser that cannot mix is left with 'rgb(...)'.
  if (probe.style.backgroundColor) set(`color-mix(in srgb, ${colour}, ${colour})`);
  document.documentElement.append(host);
  const computed = getComputedStyle(probe).backgroundColor;
  host.remove();
  const [, kind, parts] = /^(color\(srgb |rgba?\()(.+)\)$/.exec(computed) ?? [];
  // The second is what is said of no colour at all.
  if (!kind || parts === "0, 0, 0, 0") return null;
  const numbers = parts.split(/[ ,/]+/).map((part) => parseFloat(part) || 0);
  const [alpha = 1] = numbers.splice(3);
  const unit = kind[0] === "c" ? 255 : 1;
  return [...numbers.map((part) => Math.round(Math.min(Math.max(part * unit, 0), 255))), alpha];
}

/** How much two opaque colours stand out from one another: 1 to 21, as WCAG counts. */
export function contrast(...pair) {
  const [less, more] = pair
    .map((colour) => {
      const [r, g, b] = colour.map((part) =>
        part > 10 ? ((part / 255 + 0.055) / 1.055) ** 2.4 : part / 3294.6,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    })
    .sort((one, other) => one - other);
  return more / less;
}

const mix = (one, other, share) => one.map((part, index) => Math.round(part + (other[index] - part) * share));
const over = (colour, ground) => colour && mix(ground, colour, colour[3]);
const lit = (ground) => contrast(ground, BLACK) >= contrast(ground, WHITE);
const on = (grounds, least) => (colour) => grounds.every((ground) => contrast(colour, ground) >= least);

/** `colour` if it fits, else the nearest darker or lighter one of its hue that does. */
function moved(colour, fits) {
  for (let step = 0; step < 256; step++)
    for (const end of [BLACK, WHITE]) {
      const made = mix(colour, end, step / 255);
      if (fits(made)) return made;
    }
}

/**
 * `color-scheme` and the variables of sheet.js that follow from `wishes`: {accent, background, card, text}, each a CSS
 * colour, kept where it can be read and else moved as little as needed, or nothing of use. {} if nothing is wished.
 * `dark`: the scheme in effect, for grounds that are not wished.
 */
export function palette(wishes, dark) {
  const wished = ["accent", "background", "card", "text"].map((name) => read(wishes[name], dark));
  if (!wished.some(Boolean)) return {};
  const ground = dark ? NIGHT : DAY;
  let paper = over(wished[1], ground[0]);
  let card = over(wished[2], paper ?? ground[0]);
  if (!paper && !card) [paper, card] = ground;

  let light = lit(card ?? paper);
  const legible = (colour) => contrast(colour, light ? BLACK : WHITE) >= 4.5;
  card ??= moved(mix(paper, WHITE, light ? 1 : 0.08), legible);
  const letters = moved(over(wished[3], card) ?? (light ? DAY : NIGHT)[2], on([card], 4.5));
  // On a middle grey both dark and light letters can be read: then those that were wished decide.
  light = contrast(letters, BLACK) < contrast(card, BLACK);
  const base = light ? DAY : NIGHT;
  paper ??= mix(card, BLACK, light ? 0.05 : 0.35);
  // Light cards on dark paper or the reverse: then the cards, which the controls there are too, stand out themselves.
  const apart = (colour) => contrast(colour, card) >= 3;
  paper = moved(paper, (colour) => legible(colour) || apart(colour));
  const alike = legible(paper);

  const accent = over(wished[0], card) ?? base[3];
  const ink = moved(letters, on(alike ? [card, paper] : [card], 4.5));
  const behind = (colour) => legible(colour) && contrast(colour, ink) >= 4.5;
  const wash = moved(mix(card, accent, 0.1), behind);
  const warn = moved(base[5], behind);
  const line = mix(card, ink, 0.16);
  const beside = lit(paper) ? DAY : NIGHT;
  const pen = alike ? ink : moved(beside[2], on([paper], 4.5));
  const water = moved(mix(paper, accent, 0.08), (c) =>
    alike ? behind(c) : apart(c) && lit(c) === lit(paper) && contrast(c, pen) >= 4.5,
  );
  const around = [paper, water];
  const grounds = [card, wash, warn, ...(alike ? around : [])];
  const soft = moved(mix(ink, card, 0.28), on(grounds, 4.5));
  const buoy = moved(base[4], on(grounds, 4.5));

  const made = {
    paper,
    card,
    ink,
    soft,
    line,
    edge: moved(mix(ink, card, 0.45), on(grounds, 3)),
    accent,
    "on-teal": contrast(accent, WHITE) >= 4.5 ? WHITE : BLACK,
    teal: moved(accent, (c) => on(grounds, 4.5)(c) && contrast(c, line) >= 3),
    wash,
    water,
    warn,
    buoy,
    field: alike ? paper : card,
    aside: alike ? soft : moved(mix(pen, paper, 0.28), on(around, 4.5)),
    flag: alike ? buoy : moved(beside[4], on(around, 4.5)),
  };
  const colours = { "color-scheme": light ? "light" : "dark" };
  for (const [name, colour] of Object.entries(made))
    colours[`--_${name}`] = `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  return colours;
}
