/* The page of a run: its picture and story while it goes on, then its verdict and the slider over its time. */

import { handed } from "./elements.js";
import { follow, Seldom } from "./feed.js";
import { Replay } from "./replay.js";
import { say } from "./shapes.js";
import { Stop } from "./stop.js";
import { Story } from "./story.js";
import { draw } from "./timeline.js";
import { Told } from "./told.js";
import { twins } from "./twins.js";

const FRAMES = 5; // pictures a second while lines come in
const SPANS = [20, 40, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1200, 1800, 2700, 3600]; // seconds of a live picture
const TOLD_OF = new Set(["fault", "note", "observe"]);

class Live {
  constructor(main) {
    this.name = main.dataset.run;
    this.words = handed("words");
    this.state = document.getElementById("state");
    this.picture = document.getElementById("picture");
    this.judged = "judged" in main.dataset; // it was over before the page was made
    this.over = false;
    this.names = []; // of the phases, in the page's language
    this.story = new Story(this.name, document.getElementById("story"), this.words, (phase) => this.#began(phase));
    this.told = new Told(this.name, this.words);
    this.stop = new Stop(this.name, document.getElementById("stop"), this.words);
    this.drawing = new Seldom(FRAMES, () => this.#draw());
    this.run = follow(this.name, {
      lines: (batch) => this.#lines(batch),
      end: (end) => this.#end(end),
      lost: (again) => this.#lost(again),
      open: () => this.#back(),
    });
  }

  #lines(batch) {
    this.drawing.ask();
    if (batch.some((line) => TOLD_OF.has(line.kind))) this.story.ask();
  }

  #draw() {
    const { run, picture, words, over } = this;
    run.phases.forEach(({ name }, at) => (words[`phase ${name}`] = this.names[at] ?? name));
    const span = over ? run.seconds : (SPANS.find((one) => one >= run.seconds) ?? run.seconds);
    draw(run, picture, { until: run.seconds, span, words });
    picture.dataset.drawn = run.lines;
  }

  #began(phase) {
    this.names.push(phase);
    this.drawing.ask();
    this.#phase(phase);
  }

  #phase(phase) {
    this.phase = phase;
    if (!this.over && !this.judged) this.state.textContent = say(this.words, "running", { phase });
  }

  #lost(again) {
    this.state.textContent = say(this.words, again ? "connection_lost" : "no_history");
    this.broken = true;
  }

  #back() {
    if (this.broken) this.state.textContent = "";
    if (this.broken && this.phase) this.#phase(this.phase);
    this.broken = false;
  }

  #end({ verdict, why }) {
    this.over = true;
    this.state.textContent = say(this.words, "over", { seconds: this.run.seconds.toFixed(1) });
    this.stop.over();
    this.story.end();
    this.drawing.now();
    const show = (until) => draw(this.run, this.picture, { until, words: this.words });
    if (this.run.lines) new Replay(document.getElementById("replay"), this.run.seconds, this.words, show);
    this.picture.dataset.lines = this.run.lines; // for whoever waits until all is there
    this.told.show(verdict, why);
    twins(document.getElementById("twins"), this.run, this.words);
  }
}

const main = document.getElementById("run");
const words = handed("words");
try {
  new Live(main);
} catch (error) {
  document.getElementById("picture").textContent = say(words, "not_drawn", { error: error.message });
  throw error;
}
