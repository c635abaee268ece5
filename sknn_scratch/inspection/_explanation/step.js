// Arrow keys, Home and End step through the stages wherever the page has its focus.
"use strict";
const stages = [...document.querySelectorAll(".stages > input")];
const places = {
  ArrowLeft: (i) => i - 1,
  ArrowRight: (i) => i + 1,
  Home: () => 0,
  End: () => stages.length - 1,
};
document.addEventListener("keydown", (event) => {
  const place = places[event.key];
  if (!place || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const now = stages.findIndex((stage) => stage.checked);
  const next = stages[Math.min(Math.max(place(now), 0), stages.length - 1)];
  event.preventDefault(); // the keys would also move the chosen stage once more
  next.checked = true;
  next.focus({ preventScroll: true });
});
