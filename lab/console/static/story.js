/* What happened, in the sentences that `lab run` prints: the console makes them, this asks for what is new. */

import { element } from "./elements.js";
import { Seldom } from "./feed.js";
import { say } from "./shapes.js";

const A_SECOND = 4; // questions at most
const MOST = 200; // sentences that are shown

export class Story {
  /* `phase(name)` is called when another part of the script began. */
  constructor(run, place, words, phase) {
    Object.assign(this, { run, place, words, phase, told: 0, ended: false, asking: false, again: false });
    this.body = place.querySelector("tbody");
    this.seldom = new Seldom(A_SECOND, () => this.#read());
  }

  ask() {
    this.seldom.ask();
  }

  /* Nothing comes after what is there now. */
  end() {
    this.ended = true;
    this.#read();
  }

  async #read() {
    this.again = true;
    if (this.asking) return;
    this.asking = true;
    try {
      while (this.again) {
        this.again = false;
        const answer = await fetch(`/api/runs/${encodeURIComponent(this.run)}/story?after=${this.told}`);
        if (answer.ok) this.#show(await answer.json());
      }
    } catch {
      // The console is gone for a moment: the next line asks again.
    } finally {
      this.asking = false;
    }
  }

  #show({ told, all }) {
    for (const [seconds, about, sentence] of told) {
      this.told += 1;
      if (about === "phase") this.phase(sentence);
      if (this.told <= MOST) this.#row(seconds, sentence);
    }
    if (this.told < all) this.again = true;
    this.place.querySelector(".left-out").textContent =
      all > MOST ? say(this.words, "left_out", { count: all - MOST }) : "";
    this.place.querySelector(".nothing").hidden = all > 0 || !this.ended;
    this.place.querySelector("table").hidden = all === 0;
  }

  #row(seconds, sentence) {
    const row = element(this.body, "tr");
    element(row, "td", "", seconds.toFixed(2));
    element(row, "td", "", sentence);
  }
}
