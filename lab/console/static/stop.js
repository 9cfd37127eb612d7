/* The button that stops a run, while it is one that this console started. */

import { ask } from "./ask.js";
import { button, element } from "./elements.js";
import { say } from "./shapes.js";

export class Stop {
  constructor(run, place, words) {
    Object.assign(this, { run, place, words, ended: false });
    this.#offer();
  }

  async #offer() {
    const answer = await fetch("/api/jobs");
    if (!answer.ok) return;
    const { current } = await answer.json();
    if (this.ended || current?.run !== this.run || current.elsewhere) return; // a terminal ends its own
    this.button = button(this.place, say(this.words, "stop"), () => this.#stop(current.job));
    this.says = element(this.place, "span", "dim");
    this.says.setAttribute("role", "status");
  }

  async #stop(job) {
    this.button.disabled = true;
    this.says.textContent = say(this.words, "stopping");
    try {
      await ask(`/api/jobs/${encodeURIComponent(job)}/stop`, {});
    } catch (error) {
      this.says.textContent = [error.message, error.hint].filter(Boolean).join(" ");
      this.button.disabled = false;
    }
  }

  over() {
    this.ended = true;
    this.place.replaceChildren();
  }
}
