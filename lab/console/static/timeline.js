/* The picture of a run: what was answered each second, and under it, in the same scale, what the lab did and saw.
 *
 * `draw(run, element, {until, words})` draws a Run (reduce.js) into an element as it stood at a moment, `until` seconds
 * into the run; again and again while a run goes on, or while somebody scrubs. Nothing here knows where the lines come
 * from: an event stream, a run folder, or the report that holds them. uPlot must be there as a global. */

import { lanes } from "./lanes.js";
import { charted, RateChart } from "./rates.js";
import { OUTCOMES } from "./reduce.js";
import { make, mark, say, timeScale } from "./shapes.js";

const MOST_CHARTS = 6;
const PRINTED_WIDTH = 690; // pixels of a sheet of A4 between its margins
const COLOURS = ["ink", "dim", "line", "ok", "info", "fail", "ok_fill", "info_fill", "fail_fill", "shade", "mending"];
const pictures = new WeakMap(); // element -> Picture

/* `span`: seconds that the width stands for, the whole run unless told. Draws at once. */
export function draw(run, element, { until = run.seconds, span = run.seconds, words }) {
  if (!pictures.has(element)) pictures.set(element, new Picture(element, words));
  pictures.get(element).show(run, until, Math.max(span, until, 0.1));
}

class Picture {
  constructor(element, words) {
    this.words = words;
    this.element = element;
    this.charts = [];
    this.key = "";
    this.printing = false;
    element.classList.add("timeline");
    this.counts = part(element, "div", "counts");
    this.figures = part(element, "div", "figures");
    this.lanes = part(element, "div", "lane-sheet");
    this.others = part(element, "div", "figures");
    this.#measure();
    this.#watch();
  }

  show(run, until, span) {
    Object.assign(this, { run, until, span });
    const scale = timeScale(this.width, span);
    this.#charts(scale);
    for (const chart of this.charts) {
      const { op } = chart.tally;
      chart.draw(scale, until);
      chart.into.setAttribute("aria-label", say(this.words, "rate_picture", { op, ...chart.tally.until(until) }));
    }
    this.lanes.replaceChildren(lanes(run, scale, until, this.words));
    this.#table();
  }

  /* Charts are made anew when there is another op, another width, or other colours; else only their data change. */
  #charts(scale) {
    const { run, words, colours } = this;
    const wanted = charted(run, MOST_CHARTS);
    const key = JSON.stringify([wanted.map((tally) => tally.op), scale.width, colours, this.printing]);
    if (key === this.key && run === this.drawn) return;
    Object.assign(this, { key, drawn: run });
    this.charts.forEach((chart) => chart.destroy());
    this.figures.replaceChildren();
    this.others.replaceChildren();
    this.charts = wanted.map((tally, at) => {
      const figure = part(at === 0 ? this.figures : this.others, "figure", "rates");
      const caption = part(figure, "figcaption");
      caption.append(
        say(words, tally.predicted ? "observed_rate" : "rate", { op: tally.op.replaceAll("_", " ") }),
        " ",
      );
      caption.append(legend(tally, words));
      const canvas = part(figure, "div", "plot");
      canvas.setAttribute("role", "img");
      return new RateChart(canvas, { run, tally, scale, colours, words, first: at === 0, low: this.printing });
    });
  }

  #table() {
    const { run, until, words } = this;
    const tallies = [...run.tallies.values()];
    const predicted = tallies.some((tally) => tally.predicted);
    const key = tallies.map((tally) => tally.op).join();
    if (key !== this.tableKey) this.#newTable(tallies);
    this.tableKey = key;
    const texts = [say(words, predicted ? "counts_with_predicted_at" : "counts_at", { seconds: until.toFixed(1) })];
    for (const tally of tallies) {
      const now = tally.until(until);
      for (const outcome of OUTCOMES) texts.push(tally.predicted && outcome === "info" ? "" : String(now[outcome]));
      const open = now.begun - now.ok - now.info - now.fail;
      texts.push(tally.totals.begun ? String(Math.max(0, open)) : "");
    }
    texts.forEach((text, at) => {
      const cell = this.cells[at];
      if (cell.textContent !== text) cell.textContent = text;
      cell.classList.toggle("none", text === "0");
    });
  }

  /* The table of counts with empty cells, which are filled for each moment. */
  #newTable(tallies) {
    const table = document.createElement("table");
    this.cells = [part(table, "caption")];
    const head = part(part(table, "thead"), "tr");
    for (const key of ["op", ...OUTCOMES, "open"]) {
      const cell = part(head, "th");
      cell.scope = "col";
      cell.append(...(OUTCOMES.includes(key) ? [sign(key)] : []), say(this.words, key));
    }
    const body = part(table, "tbody");
    for (const tally of tallies) {
      const row = part(body, "tr");
      part(row, "th", "", tally.op.replaceAll("_", " ")).scope = "row";
      for (const key of [...OUTCOMES, "open"]) this.cells.push(part(row, "td", key));
    }
    this.counts.replaceChildren(...(tallies.length ? [table] : []));
  }

  /* Width and colours, asked of the page only when they may have changed: the answer costs a layout. */
  #measure() {
    this.width = this.printing ? PRINTED_WIDTH : Math.max(200, Math.floor(this.element.clientWidth));
    this.colours = palette(this.element, this.printing);
  }

  #again() {
    this.#measure();
    if (this.run) this.show(this.run, this.until, this.span);
  }

  #watch() {
    new ResizeObserver(() => {
      if (!this.printing && Math.floor(this.element.clientWidth) !== this.width) this.#again();
    }).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#again());
    const print = (on) => {
      if (this.printing === on) return;
      this.printing = on;
      this.#again();
    };
    matchMedia("print").addEventListener("change", (media) => print(media.matches));
    addEventListener("beforeprint", () => print(true));
    addEventListener("afterprint", () => print(false));
  }
}

/* A sign and a word for each outcome that the chart shows. */
function legend(tally, words) {
  const list = document.createElement("span");
  list.className = "legend";
  for (const outcome of OUTCOMES) {
    if (tally.predicted && outcome === "info") continue;
    part(list, "span", "key").append(sign(outcome), say(words, tally.predicted ? `predicted_${outcome}` : outcome));
  }
  return list;
}

function sign(outcome) {
  const picture = make("svg", { class: "sign", width: 12, height: 12, "aria-hidden": "true" });
  picture.append(mark(outcome, 6, 6));
  return picture;
}

/* The stylesheet's colours; on paper always the light ones. */
function palette(element, printing) {
  const style = getComputedStyle(element);
  const named = (name) => style.getPropertyValue(`--${printing ? "light-" : ""}${name.replace("_", "-")}`).trim();
  return Object.fromEntries(COLOURS.map((name) => [name, named(name)]));
}

function part(parent, name, className = "", text = null) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  parent.append(element);
  return element;
}

export { Run } from "./reduce.js";
