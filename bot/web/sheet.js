/** The look of the chat, as a style sheet object: no style element that a strict policy would refuse. */

const css = `
:host {
  --_paper: var(--peil-background, #f2f5f2);
  --_card: var(--peil-card, #ffffff);
  --_ink: var(--peil-text, #12302f);
  --_soft: #4a6462;
  --_line: #cfdad6;
  --_edge: #6f8d89;
  --_teal: var(--peil-accent, #0b5a63);
  --_on-teal: var(--peil-on-accent, #ffffff);
  --_wash: #e6f0ee;
  --_water: #d9e9e7;
  --_buoy: #b8440f;
  --_warn: #fdf1e4;
  --_round: var(--peil-radius, 14px);
  display: block;
  min-height: 0;
  color-scheme: light;
  font: 400 1rem/1.45 var(--peil-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  color: var(--_ink);
  text-align: start;
  overflow-wrap: break-word;
  -webkit-text-size-adjust: 100%;
}
:host([hidden]) {
  display: none;
}
@media (prefers-color-scheme: dark) {
  :host {
    --_paper: var(--peil-background, #0c2024);
    --_card: var(--peil-card, #14323a);
    --_ink: var(--peil-text, #e9f2f0);
    --_soft: #a9c2bf;
    --_line: #29505a;
    --_edge: #6d9a9b;
    --_teal: var(--peil-accent, #7fd0d0);
    --_on-teal: var(--peil-on-accent, #06262b);
    --_wash: #1b3f48;
    --_water: #10292f;
    --_buoy: #ffb07a;
    --_warn: #3a2a1c;
    color-scheme: dark;
  }
}
*,
*::before,
*::after {
  box-sizing: border-box;
}
p,
h1 {
  margin: 0;
}
button,
textarea {
  font: inherit;
  color: inherit;
  letter-spacing: inherit;
}
button {
  -webkit-tap-highlight-color: transparent;
  touch-action: manipulation;
  cursor: pointer;
}
:focus-visible {
  outline: 3px solid var(--_buoy);
  outline-offset: 2px;
}
[hidden] {
  display: none !important;
}
.quietly {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
  user-select: none;
  -webkit-user-select: none;
}
.frame {
  display: flex;
  flex-direction: column;
  height: 100%;
  background: var(--_paper);
  position: relative;
  overflow: hidden;
}
/* what was said before comes at once, in its place: nothing of it in part, nothing that rises or moves */
.blank .list {
  opacity: 0;
}
.still * {
  transition: none !important;
}
.column {
  width: 100%;
  max-width: 45rem;
  margin-inline: auto;
  padding-inline: max(0.875rem, env(safe-area-inset-left)) max(0.875rem, env(safe-area-inset-right));
}

/* head: a small gauge, the name, and a line that fills */
header {
  background: var(--_card);
  padding-top: env(safe-area-inset-top);
  flex: none;
  z-index: 1;
}
header .column {
  display: flex;
  align-items: center;
  gap: 0.625rem;
  min-height: 3.25rem;
}
.gauge {
  width: 1.875rem;
  height: 1.875rem;
  flex: none;
  border-radius: 0.5rem;
  color: #fff;
  background: linear-gradient(to top, #3f9ba1 calc(20% + var(--_level, 0) * 70%), #0b5a63 0);
}
.name,
::slotted(h1) {
  margin: 0 !important;
  font-size: 1.125rem !important;
  font-weight: 650;
  letter-spacing: 0.01em;
}
.bar {
  height: 3px;
  background: var(--_line);
}
.fill {
  height: 100%;
  background: var(--_teal);
  width: calc(var(--_level, 0) * 100%);
  transition: width 0.8s ease;
}

/* the water rises behind the conversation as the questions are answered */
.middle {
  flex: 1;
  min-height: 0;
  position: relative;
  display: flex;
}
.water {
  position: absolute;
  inset: auto 0 0;
  height: calc(var(--_level, 0) * 100%);
  background: var(--_water);
  border-top: 2px solid color-mix(in srgb, var(--_teal) 35%, transparent);
  opacity: 0;
  transition:
    height 0.8s ease,
    opacity 0.4s;
}
.rising .water {
  opacity: 1;
}
.log {
  position: relative;
  flex: 1;
  min-width: 0;
  overflow-y: auto;
  overscroll-behavior: contain;
  container-type: inline-size;
  scrollbar-gutter: stable both-edges;
}
.log:focus-visible {
  outline-offset: -4px;
}
.list {
  display: flex;
  flex-direction: column;
  gap: 0.625rem;
  padding-block: 1rem;
}
.day {
  align-self: center;
  font-size: 0.8125rem;
  color: var(--_soft);
  padding: 0.25rem 0.75rem;
}
.row {
  display: flex;
  flex-direction: column;
  align-items: flex-start;
  gap: 0.5rem;
  max-width: 100%;
}
.row.user {
  align-items: flex-end;
}
.bubble {
  background: var(--_card);
  border: 1px solid var(--_line);
  border-radius: var(--_round) var(--_round) var(--_round) 4px;
  padding: 0.75rem 0.875rem;
  max-width: 100%;
  box-shadow: 0 1px 2px rgb(9 45 48 / 6%);
}
.row.wide .bubble {
  width: 100%;
}
/* Figure and figures side by side need more room than words do. */
.row.result {
  align-self: center;
  width: min(60rem, 100cqi - 1.75rem);
  max-width: none;
}
.text {
  hyphens: auto;
  -webkit-hyphens: auto;
}
.text p {
  white-space: pre-wrap;
}
.text p + p,
.text p + div,
.text div + p,
.text .levels + p,
.text .pair + * {
  margin-top: 0.625rem;
}
.text strong {
  font-weight: 650;
}
.line {
  display: block;
}
.line + .line {
  margin-top: 0.25rem;
}
/* a fact that takes two lines stays one fact to the eye */
.facts .line {
  padding-inline-start: 0.75rem;
  text-indent: -0.75rem;
}
.text a {
  color: var(--_teal);
}
.user .bubble {
  background: var(--_teal);
  color: var(--_on-teal);
  border-color: transparent;
  max-width: 86%;
  border-radius: var(--_round) var(--_round) 4px var(--_round);
}
.user.queued .bubble {
  opacity: 0.85;
}
.state {
  font-size: 0.8125rem;
  color: var(--_soft);
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 0.5rem;
  align-items: center;
  justify-content: flex-end;
}
.failed .state {
  color: var(--_buoy);
}
.head {
  font-size: 0.8125rem;
  font-weight: 600;
  color: var(--_teal);
  letter-spacing: 0.01em;
}
.text .head + p {
  margin-top: 0.25rem;
}
.ask {
  font-size: 1.125rem;
  line-height: 1.35;
  font-weight: 650;
  text-wrap: pretty;
}

/* levels: what the message says of a level is the button itself */
.levels {
  display: flex;
  flex-direction: column;
  gap: 0.5rem;
  margin-top: 0.75rem;
}
.level {
  display: block;
  width: 100%;
  text-align: start;
  padding: 0.5rem 0.75rem 0.5rem 2.375rem;
  text-indent: -1.625rem;
  border: 1px solid transparent;
  border-radius: 10px;
  background: none;
  line-height: 1.35;
}
.level > * {
  text-indent: 0;
}
.level .n {
  display: inline-block;
  width: 1.625rem;
  white-space: pre;
  color: var(--_teal);
  font-weight: 650;
}
.level .label {
  font-weight: 650;
}
.level .words {
  color: var(--_soft);
  font-size: 0.9375rem;
}
.level .words::before {
  content: "\\A";
  white-space: pre;
}
div.level {
  padding-block: 0.125rem;
}
button.level {
  min-height: 2.75rem;
  user-select: text;
  -webkit-user-select: text;
}
.live button.level {
  background: var(--_wash);
  border-color: var(--_edge);
}
.live button.level .words {
  color: var(--_ink);
}
.buttons {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
  max-width: 100%;
}
.choice,
.quiet,
.small {
  min-height: 2.75rem;
  padding: 0.5rem 1.125rem;
  border-radius: 999px;
  border: 1px solid var(--_edge);
  background: var(--_card);
  color: var(--_teal);
  font-weight: 600;
}
.quiet {
  font-weight: 500;
  font-size: 0.9375rem;
  padding-inline: 0.875rem;
  color: var(--_soft);
  background: none;
}
.live .choice {
  border-width: 2px;
  border-color: var(--_teal);
}
.live .quiet {
  background: var(--_card);
  color: var(--_ink);
}
.row:not(.live) .choice,
.row:not(.live) .quiet {
  min-height: 2rem;
  padding: 0.125rem 0.75rem;
  font-size: 0.875rem;
  font-weight: 500;
  color: var(--_soft);
  border-color: var(--_line);
  background: var(--_paper);
}
.live .menu {
  display: grid;
  width: 100%;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, max(7.75rem, 22%)), 1fr));
}
.live .menu .quiet {
  text-align: start;
  line-height: 1.25;
  padding-inline: 0.75rem;
  border-radius: 10px;
}
.row:not(.live) .levels {
  gap: 0;
}
.row:not(.live) button.level {
  min-height: 2rem;
  padding-block: 0.25rem;
}
.small {
  min-height: 2.75rem;
  padding-block: 0.25rem;
  font-size: 0.875rem;
  color: var(--_ink);
}
@media (hover: hover) {
  .live button.level:hover,
  .choice:hover,
  .quiet:hover,
  .small:hover {
    border-color: var(--_teal);
    box-shadow: inset 0 0 0 1px var(--_teal);
  }
  .row:not(.live) button.level:hover {
    border-color: var(--_edge);
  }
}
button[aria-disabled="true"] {
  cursor: default;
  box-shadow: none !important;
}
.waiting button[aria-disabled="true"]:not(.chosen),
.send[aria-disabled="true"] {
  opacity: 0.65;
}
button[aria-disabled="true"].chosen {
  border-color: var(--_teal) !important;
  box-shadow: inset 0 0 0 1px var(--_teal) !important;
}
.picture {
  display: block;
  width: min(100%, 30rem);
  padding: 0;
  margin-top: 0.625rem;
  border: 1px solid var(--_line);
  border-radius: 10px;
  overflow: hidden;
  background: #fff;
  cursor: zoom-in;
}
.picture img {
  display: block;
  width: 100%;
  aspect-ratio: var(--_ratio, 1);
  object-fit: contain;
  color: #12302f;
  background: #fff;
}
.pair {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.75rem 1.5rem;
  margin-top: 0.75rem;
}
.pair .picture {
  flex: 1 1 17rem;
  margin: 0;
}
.cells {
  flex: 1 1 19rem;
  min-width: 0;
}
table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.9375rem;
  line-height: 1.3;
  font-variant-numeric: tabular-nums;
}
th,
td {
  text-align: start;
  vertical-align: top;
  padding: 0.5rem 0.25rem;
  border-top: 1px solid var(--_line);
}
th:first-child {
  padding-inline-start: 0;
}
thead th {
  border: 0;
  font-size: 0.8125rem;
  font-weight: 600;
  color: var(--_soft);
}
tbody th {
  font-weight: 600;
}
@container (max-width: 26rem) {
  table:not(.stacked) {
    font-size: 0.8125rem;
  }
}
@container (min-width: 62rem) {
  td {
    white-space: nowrap;
  }
}
.stacked thead {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
.stacked,
.stacked tbody,
.stacked tbody tr,
.stacked tbody th {
  display: block;
}
.stacked tbody tr {
  border-top: 1px solid var(--_line);
  padding-block: 0.5rem;
}
.stacked tbody tr > * {
  border: 0;
  padding: 0 0 0.125rem;
}
.stacked td {
  display: inline-block;
  max-width: 100%;
  margin-inline-end: 1rem;
}
.stacked td::before {
  content: attr(data-column) ": ";
  color: var(--_soft);
}
.links {
  list-style: none;
  padding: 0;
  margin: 0.75rem 0 0;
}
.links li {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.25rem 0.75rem;
  min-height: 3.25rem;
  padding-block: 0.25rem;
  border-top: 1px solid var(--_line);
}
.links .small {
  padding-inline: 0.5rem;
  min-width: 6.75rem;
}
.links a {
  flex: 1 1 7rem;
  padding-block: 0.6875rem;
  color: var(--_teal);
  font-weight: 600;
}
.links label,
.links input {
  width: 100%;
  font-size: 0.875rem;
}
.links input {
  min-height: 2.75rem;
  padding: 0.25rem 0.75rem;
  color: inherit;
  background: var(--_paper);
  border: 1px solid var(--_edge);
  border-radius: 10px;
}
.text .links + * {
  margin-top: 0.75rem;
}
.ended {
  font-size: 0.875rem;
  color: var(--_soft);
}
.typing {
  display: flex;
  gap: 0.3rem;
  padding: 0.875rem 1rem;
  width: fit-content;
}
.typing i {
  width: 0.5rem;
  height: 0.5rem;
  border-radius: 50%;
  background: var(--_teal);
  animation: swell 1.2s ease-in-out infinite;
}
.typing i:nth-child(2) {
  animation-delay: 0.15s;
}
.typing i:nth-child(3) {
  animation-delay: 0.3s;
}
@keyframes swell {
  0%,
  60%,
  100% {
    opacity: 0.35;
    transform: none;
  }
  30% {
    opacity: 1;
    transform: translateY(-0.2rem);
  }
}
.down {
  position: absolute;
  right: max(0.875rem, env(safe-area-inset-right));
  bottom: 0.75rem;
  width: 2.75rem;
  height: 2.75rem;
  border-radius: 50%;
  border: 1px solid var(--_edge);
  background: var(--_card);
  color: var(--_teal);
  padding: 0;
  display: grid;
  place-items: center;
  box-shadow: 0 2px 8px rgb(9 45 48 / 18%);
}
svg {
  width: 1.375rem;
  height: 1.375rem;
  fill: none;
  stroke: currentColor;
  stroke-width: 2;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.gauge svg {
  width: 100%;
  height: 100%;
}

/* foot: what is the matter, if anything, and the field to type in */
footer {
  flex: none;
  background: var(--_card);
  border-top: 1px solid var(--_line);
  padding-bottom: env(safe-area-inset-bottom);
  z-index: 1;
}
.notice {
  background: var(--_warn);
  font-size: 0.9375rem;
}
.notice .column {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5rem 0.75rem;
  padding-block: 0.5rem;
}
.notice p {
  flex: 1 1 12rem;
}
.notice .small {
  color: var(--_teal);
  background: var(--_card);
}
/* an invitation that opens nothing: that is said in the chat's place */
.closed .middle,
.closed .bar,
.closed form {
  display: none;
}
.closed footer {
  flex: 1;
  display: flex;
  overflow-y: auto;
  background: linear-gradient(var(--_paper) 75%, var(--_water) 0);
}
.closed .notice {
  margin: auto;
  padding: 0.875rem;
  background: none;
  font-size: 1.125rem;
}
.closed .notice .column {
  flex-direction: column;
  align-items: start;
  gap: 1.25rem;
  max-width: 30rem;
  padding: 1.5rem;
  border: 1px solid var(--_line);
  border-radius: var(--_round);
  background: var(--_card);
}
.closed .notice p {
  flex: none;
  text-wrap: pretty;
}
.composer {
  display: flex;
  align-items: flex-end;
  gap: 0.5rem;
  padding-block: 0.5rem;
}
textarea {
  flex: 1;
  min-width: 0;
  min-height: 2.75rem;
  max-height: 9rem;
  resize: none;
  padding: 0.5625rem 0.875rem;
  line-height: 1.45;
  border: 1px solid var(--_edge);
  border-radius: 1.375rem;
  background: var(--_paper);
  field-sizing: content;
}
textarea:focus-visible {
  outline: 2px solid var(--_teal);
  outline-offset: 1px;
}
textarea::placeholder {
  color: var(--_soft);
  opacity: 1;
  white-space: nowrap;
  overflow: hidden;
  text-overflow: ellipsis;
}
textarea[aria-invalid="true"] {
  border-color: var(--_buoy);
  box-shadow: inset 0 0 0 1px var(--_buoy);
}
.send {
  flex: none;
  width: 2.75rem;
  height: 2.75rem;
  border-radius: 50%;
  border: 1px solid transparent;
  padding: 0;
  background: var(--_teal);
  color: var(--_on-teal);
  display: grid;
  place-items: center;
}
.count {
  font-size: 0.8125rem;
  color: var(--_soft);
  padding-bottom: 0.5rem;
  margin-top: -0.125rem;
}
.count.over {
  color: var(--_buoy);
  font-weight: 600;
}
dialog {
  border: 0;
  padding: 0;
  margin: auto;
  max-width: 100vw;
  max-height: 100dvh;
  background: var(--_card);
  color: var(--_ink);
  border-radius: var(--_round);
  overflow: auto;
}
dialog::backdrop {
  background: rgb(4 24 28 / 70%);
}
dialog img {
  display: block;
  max-width: min(96vw, 60rem);
  max-height: calc(100dvh - 6.5rem);
  width: auto;
  height: auto;
  margin: auto;
  background: #fff;
}
dialog.asking {
  width: min(26rem, 100vw - 1.75rem);
  padding: 1.25rem 1.25rem 0.75rem;
}
.asking h2 {
  margin: 0 0 0.5rem;
  font-size: 1.125rem;
}
.asking .tools {
  padding: 1rem 0 0.5rem;
}
.asking button {
  flex: auto;
}
.tools {
  display: flex;
  flex-wrap: wrap;
  justify-content: flex-end;
  gap: 0.5rem;
  padding: 0.5rem;
}
.tools a {
  display: inline-flex;
  align-items: center;
  text-decoration: none;
}
@media (max-height: 26rem) {
  header .column {
    min-height: 2.25rem;
  }
  .composer {
    padding-block: 0.25rem;
  }
}
@media (prefers-reduced-motion: reduce) {
  *,
  *::before,
  *::after {
    animation: none !important;
    transition: none !important;
  }
}
@media (forced-colors: active) {
  .fill {
    background: Highlight;
  }
  .bubble,
  .choice,
  .quiet,
  .small,
  .live button.level {
    border-color: CanvasText;
  }
  .water {
    display: none;
  }
}
`;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
