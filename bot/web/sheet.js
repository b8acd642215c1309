/** The look of the conversation; what it has in common with the bubble stands in peil-chat.js. */

export const css = `
p,
h1 {
  margin: 0;
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
.top {
  background: var(--_card);
  padding-top: env(safe-area-inset-top);
  flex: none;
  z-index: 1;
}
.top .column {
  display: flex;
  align-items: center;
  gap: 0.625rem;
  min-height: 3.25rem;
}
.name,
::slotted(h1) {
  flex: 1;
  margin: 0 !important;
  font-size: 1.125rem !important;
  font-weight: 650;
  letter-spacing: 0.01em;
}
.name {
  flex: 1;
  min-width: 0;
}
.tool {
  display: grid;
  flex: none;
  place-items: center;
  width: 2.75rem;
  height: 2.75rem;
  margin-inline-end: -0.5rem;
  border: 0;
  border-radius: 50%;
  background: none;
  color: var(--_soft);
  padding: 0;
}
@media (hover: hover) {
  .tool:hover {
    background: var(--_wash);
    color: var(--_ink);
  }
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
  color: var(--_aside);
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
.text .levels + p {
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
  background: var(--_accent);
  color: var(--_on-teal);
  border-color: var(--_teal);
  max-width: 86%;
  border-radius: var(--_round) var(--_round) 4px var(--_round);
}
.user.queued .bubble {
  border-style: dashed;
}
.state {
  font-size: 0.8125rem;
  color: var(--_aside);
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 0.5rem;
  align-items: center;
  justify-content: flex-end;
}
.failed .state {
  color: var(--_flag);
}
.buttons :focus-visible,
.state :focus-visible,
.log:focus-visible,
.down:focus-visible {
  outline-color: var(--_flag);
}
.down:focus-visible {
  box-shadow: 0 0 0 7px var(--_paper);
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
  background: var(--_field);
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
/* foot: what is the matter, if anything, and the field to type in */
.foot {
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
.closed .foot {
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
  background: var(--_field);
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
  border: 1px solid var(--_teal);
  padding: 0;
  background: var(--_accent);
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
@media (max-height: 26rem) {
  .top .column {
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
  .typing i {
    background: CanvasText;
  }
  .water {
    display: none;
  }
}
`;
