// A site made with React around the recipe of the documentation, under StrictMode: everything is mounted twice.
"use strict";
const { createElement, StrictMode, useCallback, useEffect, useRef, useState } = React;

{{component}}

const completed = [];

function App() {
  const [scheme, setScheme] = useState("light");
  const [shown, setShown] = useState(true);
  const [count, setCount] = useState(0);
  const complete = useCallback((id) => {
    completed.push(id);
    setCount(completed.length);
  }, []);
  window.app = { setScheme, setShown, completed: () => completed.join(" ") };
  return createElement(
    "div",
    { className: "chat" },
    createElement("p", { id: "completed" }, `Completed: ${count}`),
    shown && createElement(Peil, { ...{{options}}, class: "chat", scheme, onComplete: complete }),
  );
}

ReactDOM.createRoot(document.getElementById("app")).render(
  createElement(StrictMode, null, createElement(App)),
);
