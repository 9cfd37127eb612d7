/* Two small charts of the last minutes: what Kafka acknowledged per second, and what waits before the workers. */

import { waiting } from "./hub_facts.js";
import { say } from "./shapes.js";

const SPAN = 180; // seconds
const EVERY = 1;

export class Charts {
  constructor(into, words) {
    Object.assign(this, { into, words, points: [], last: null, plots: [] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#make());
    new ResizeObserver(() => this.#resize()).observe(into);
  }

  add(look) {
    const at = look.clock;
    const now = { at, ends: new Map(look.kafka.partitions.map((one) => [one.number, one.end])), ...waiting(look) };
    if (this.last && at - this.last.at < EVERY * 0.9) return;
    if (this.last) {
      const rate = written(this.last.ends, now.ends) / (at - this.last.at);
      this.points.push([at, rate, now.queued, now.outbox]);
      while (at - this.points[0][0] > SPAN) this.points.shift();
      this.#draw(at);
    }
    this.last = now;
  }

  #draw(at) {
    if (!this.plots.length) this.#make();
    const column = (index) => this.points.map((point) => (index ? point[index] : point[0] - at));
    this.plots[0].setData([column(0), column(1)]);
    this.plots[1].setData([column(0), column(2), column(3)]);
    const rate = this.points.slice(-5).reduce((sum, point) => sum + point[1], 0) / Math.min(5, this.points.length);
    const latest = this.points.at(-1);
    const most = Math.max(...this.points.map((point) => point[2] + point[3]));
    this.into.querySelector("[data-now=rate]").textContent = say(this.words, "rate_now", { rate: rate.toFixed(1) });
    this.into.querySelector("[data-now=depth]").textContent = say(this.words, "depth_now", { queued: latest[2], outbox: latest[3], most });
  }

  #make() {
    for (const plot of this.plots) plot.destroy();
    const places = ["rate", "depth"].map((name) => this.into.querySelector(`[data-chart=${name}]`));
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--dim"), font: "12px system-ui, sans-serif", grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const seconds = { ...axis, values: (_, found) => found.map((value) => say(this.words, "seconds", { seconds: value })), space: 70 };
    const options = (series) => ({
      width: Math.max(200, places[0].clientWidth),
      height: 120,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: [-SPAN, 0] }, y: { range: (_, low, high) => [0, Math.max(4, high * 1.15)] } },
      axes: [seconds, { ...axis, size: 40 }],
      series: [{}, ...series],
    });
    const line = (label, stroke, dash) => ({ label, stroke: colour(stroke), width: 2, dash, points: { show: false } });
    const rate = [{ ...line("rate", "--ok"), fill: colour("--ok-fill") }];
    const depth = [line("queued", "--info"), line("outbox", "--fail", [6, 4])];
    this.plots = [rate, depth].map((series, at) => new globalThis.uPlot(options(series), [[], ...series.map(() => [])], places[at]));
  }

  #resize() {
    for (const plot of this.plots) plot.setSize({ width: Math.max(200, plot.root.parentElement.clientWidth), height: 120 });
  }
}

/* How many records came between two looks. A partition whose end was not known at the first one does not count. */
function written(before, after) {
  return [...after].reduce((sum, [number, end]) => sum + (before.get(number) ? Math.max(0, end - before.get(number)) : 0), 0);
}
