/* A slider over the time of a run, and a button that plays it. Calls `show(until)` at most once a frame. */

import { say } from "./shapes.js";

export class Replay {
  constructor(element, seconds, words, show) {
    Object.assign(this, { seconds, words, show, until: seconds, playing: null, waiting: false });
    element.classList.add("replay");
    this.button = document.createElement("button");
    this.button.type = "button";
    this.slider = document.createElement("input");
    Object.assign(this.slider, { type: "range", min: 0, max: Math.ceil(seconds * 10) / 10, step: 0.1, value: seconds });
    this.slider.setAttribute("aria-label", say(words, "moment"));
    this.label = document.createElement("output");
    element.append(this.button, this.slider, this.label);
    this.button.addEventListener("click", () => (this.playing === null ? this.play() : this.stop()));
    this.slider.addEventListener("input", () => this.#scrub());
    this.#tell();
  }

  /* From the moment shown, or from the start when it is the end. Real time for short runs, faster for long ones. */
  play() {
    let last = performance.now();
    const speed = Math.max(1, this.seconds / 30);
    if (this.until >= this.seconds) this.until = 0;
    const step = (now) => {
      this.#set(this.until + ((now - last) / 1000) * speed);
      last = now;
      if (this.until >= this.seconds) this.stop();
      else this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
    this.#tell();
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.#tell();
  }

  #scrub() {
    if (this.playing !== null) this.stop();
    const at = Number(this.slider.value);
    this.until = at >= Number(this.slider.max) - 0.1 ? this.seconds : at;
    this.#tell();
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.show(this.until);
    });
  }

  #set(until) {
    this.until = Math.min(until, this.seconds);
    this.slider.value = this.until;
    this.#tell();
    this.show(this.until);
  }

  #tell() {
    const text = say(this.words, "moment_of", { seconds: this.until.toFixed(1), all: this.seconds.toFixed(1) });
    this.label.textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
    this.button.textContent = say(this.words, this.playing === null ? "play" : "pause");
  }
}
