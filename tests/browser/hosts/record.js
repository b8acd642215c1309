// What a page was like before the chat came, and what it is like later: run as the first script of the page;
// `record.before()` as the last of it, ahead of the module that brings the chat.
(() => {
  "use strict";
  // Kept here: a hostile page changes them, and must not be able to change what is recorded.
  const { getOwnPropertyNames, create } = Object;
  const stringify = JSON.stringify;
  const errors = [];
  const shifts = [];
  window.addEventListener("error", (event) => errors.push(String(event.message)));
  window.addEventListener("unhandledrejection", (event) => errors.push(`rejected: ${event.reason}`));
  document.addEventListener("securitypolicyviolation", (event) =>
    errors.push(`refused by the policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`),
  );
  const options = create(null);
  options.type = "layout-shift";
  options.buffered = true;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shifts.push(entry);
  });
  observer.observe(options);

  const PROTOTYPES = [
    ["Object", Object],
    ["Array", Array],
    ["String", String],
    ["Function", Function],
    ["Promise", Promise],
    ["Event", Event],
    ["EventTarget", EventTarget],
    ["Element", Element],
    ["HTMLElement", HTMLElement],
    ["Document", Document],
    ["JSON", { prototype: JSON }],
    ["Math", { prototype: Math }],
  ];

  const attributesOf = (element) => {
    const found = [];
    for (const name of element.getAttributeNames()) found.push(`${name}=${element.getAttribute(name)}`);
    return found.join(" ");
  };

  /** All that is the page's own and that a guest has no business with, as text by name. */
  const look = () => {
    const seen = create(null);
    seen.globals = getOwnPropertyNames(window).sort().join(" ");
    for (const [name, thing] of PROTOTYPES)
      seen[`prototype of ${name}`] = getOwnPropertyNames(thing.prototype).sort().join(" ");
    seen["style sheets"] = `${document.styleSheets.length} and ${document.adoptedStyleSheets.length} adopted`;
    seen.head = document.head.innerHTML;
    seen["attributes of html"] = attributesOf(document.documentElement);
    seen["attributes of body"] = attributesOf(document.body);
    seen.title = document.title;
    seen.cookie = document.cookie;
    seen.address = location.href;
    seen["fetch"] = window.fetch.name;
    seen.focus = document.activeElement === document.body ? "body" : document.activeElement?.localName;
    seen.scrolled = `${window.scrollX} ${window.scrollY}`;
    seen.size = `${document.documentElement.scrollWidth} ${document.documentElement.scrollHeight}`;
    let number = 0;
    for (const element of document.querySelectorAll("[data-host]")) {
      const { x, y, width, height } = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      number += 1;
      seen[`element ${number}`] =
        `${element.localName} at ${x},${y} of ${width} x ${height}, ${style.color} ${style.fontSize} ${style.direction}`;
    }
    return seen;
  };

  let before = null;
  window.record = {
    before: () => (before = look()),
    /** What differs from before, as lines: name: was -> is. */
    differences: () => {
      const now = look();
      const lines = [];
      for (const name of getOwnPropertyNames(now))
        if (now[name] !== before[name]) lines.push(`${name}: ${before[name]} -> ${now[name]}`);
      return lines.join("\n");
    },
    errors: () => errors.join("\n"),
    /** How much the page's own elements have shifted, whatever came before it; the chat's are in a shadow root. */
    shifted: () => {
      for (const entry of observer.takeRecords()) shifts.push(entry);
      let total = 0;
      for (const { value, sources } of shifts) {
        let own = false;
        for (const { node } of sources) own ||= Boolean(node?.isConnected) && node.getRootNode() === document;
        if (own) total += value;
      }
      return total;
    },
    /** The shift as browsers count it: of all that is on the page, but not just after somebody did something. */
    counted: () => {
      for (const entry of observer.takeRecords()) shifts.push(entry);
      let total = 0;
      for (const { value, hadRecentInput } of shifts) if (!hadRecentInput) total += value;
      return total;
    },
    /** What has moved, and by how much, whatever it was that moved it. */
    moved: () => {
      const lines = [];
      for (const { value, hadRecentInput, sources } of shifts)
        for (const { node, previousRect: was, currentRect: is } of sources)
          lines.push(
            `${value}${hadRecentInput ? " after input" : ""}: ${node?.localName ?? node?.nodeName} ${node?.className}` +
              ` from ${was.x},${was.y} ${was.width}x${was.height} to ${is.x},${is.y} ${is.width}x${is.height}`,
          );
      return lines.join("\n");
    },
    kept: () => {
      try {
        return getOwnPropertyNames(localStorage).sort().join(" ");
      } catch {
        return "";
      }
    },
    text: stringify,
  };
})();
