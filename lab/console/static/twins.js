/* Runs of the same scenario beside the one of the page: each picture in the scale of both. */

import { button, element } from "./elements.js";
import { follow, Seldom } from "./feed.js";
import { say } from "./shapes.js";
import { draw } from "./timeline.js";

/* Gives every card in `place` a button that shows its picture. `run`: the one of the page. */
export function twins(place, run, words) {
  for (const card of place?.querySelectorAll("[data-run]") ?? []) {
    const into = element(card, "div", "twin");
    const open = button(null, say(words, "show_picture"), () => {
      open.remove();
      side(card.dataset.run, into, words, () => run.seconds);
    });
    into.before(open);
  }
}

/* The picture of a run in an element, at least as wide in time as `span()` says. */
export function side(name, into, words, span, changed = () => {}) {
  const show = new Seldom(4, () => draw(run, into, { span: Math.max(span(), run.seconds), words }));
  const run = follow(name, {
    lines: () => show.ask(),
    end: () => {
      show.now();
      into.dataset.lines = run.lines;
      changed(run);
    },
    lost: (again) => {
      if (!again) element(into, "p", "alert", say(words, "no_history"));
    },
  });
  return { run, show: () => show.now() };
}
