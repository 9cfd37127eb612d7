/* One uPlot chart for each op that happened often: acknowledged, unknown and failed per second, stacked.
 *
 * Told apart by hatching as well as by colour: acknowledged is plain, unknown slanted, failed crossed. */

import { shades } from "./faults.js";
import { OUTCOMES } from "./reduce.js";
import { LEFT, RIGHT, say, ticks } from "./shapes.js";

const WIDTHS = [0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]; // seconds of a bucket
const MOST_BUCKETS = 240;
const DENSE = 20; // operations a second, from which on a bucket may be shorter than a second
const HIGHEST = 5; // times the median rate: what is higher is cut, and its number written where it was cut

/* The ops that get a chart, those of a workload first, at most `most`. */
export function charted(run, most) {
  const often = [...run.tallies.values()].filter((tally) => run.often(tally));
  const weight = (tally) => (run.workloads.has(tally.op) ? 0 : 1);
  return often.sort((a, b) => weight(a) - weight(b)).slice(0, most);
}

export function bucketWidth(tally, span) {
  const dense = tally.ended / Math.max(span, 1) > DENSE;
  return WIDTHS.find((width) => (dense || width >= 1) && span / width <= MOST_BUCKETS) ?? WIDTHS.at(-1);
}

/* [x, all three, ok and info, ok] for uPlot: each is filled down to zero over the one before. */
export function stacked(tally, width, until) {
  const [ok, info, fail] = OUTCOMES.map((outcome) => tally.buckets(outcome, width, until));
  const x = ok.map((_, at) => at * width);
  const per = ok.map((_, at) => Math.max(0.1, Math.min(width, until - at * width)));
  const data = [
    x,
    ok.map((count, at) => (count + info[at] + fail[at]) / per[at]),
    ok.map((count, at) => (count + info[at]) / per[at]),
    ok.map((count, at) => count / per[at]),
  ];
  // A stepped line needs a point at its end.
  data[0].push(until);
  for (const series of data.slice(1)) series.push(series.at(-1));
  return data;
}

export class RateChart {
  /* `first`: it stands right over the lanes and is higher than others, which have a time axis of their own.
   * `low`: for paper, so that chart and lanes fit on one sheet. */
  constructor(into, { run, tally, scale, colours, words, first, low = false }) {
    Object.assign(this, { into, run, tally, scale, colours, counted: -1, until: 0, highest: 1 });
    this.plot = new globalThis.uPlot(this.#options(words, first, low), [[0], [0], [0], [0]], into);
  }

  /* The height stands for the whole run, as far as it is known, whatever moment is shown. */
  draw(scale, until) {
    Object.assign(this, { scale, until });
    const width = bucketWidth(this.tally, scale.span);
    if (this.counted !== this.run.lines) this.highest = highestOf(stacked(this.tally, width, this.run.seconds));
    this.counted = this.run.lines;
    this.plot.setData(stacked(this.tally, width, until), true);
  }

  destroy() {
    this.plot.destroy();
  }

  #options(words, first, low) {
    const { colours } = this;
    const font = "12px system-ui, sans-serif";
    const line = { stroke: colours.dim, font, grid: { stroke: colours.line, width: 1 }, ticks: { show: false } };
    const outcome = (name, key) => ({
      label: say(words, this.tally.predicted ? `predicted_${key}` : key),
      stroke: colours[key],
      fill: (plot) => texture(plot.ctx, key, colours),
      width: 1.5,
      points: { show: false },
      paths: globalThis.uPlot.paths.stepped({ align: 1 }),
    });
    return {
      width: this.scale.width,
      height: first ? (low ? 140 : 190) : 120,
      padding: [10, RIGHT, 4, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
      scales: { x: { time: false, range: () => [0, this.scale.span] }, y: { range: () => [0, this.highest] } },
      series: [{}, outcome("all", "fail"), outcome("more", "info"), outcome("done", "ok")],
      axes: [
        {
          ...line,
          size: first ? 2 : 24,
          values: (_, all) => (first ? [] : all.map(String)),
          splits: () => ticks(this.scale),
        },
        { ...line, size: LEFT, values: (_, all) => all.map(grouped) },
      ],
      hooks: { drawClear: [(plot) => this.#shade(plot)], draw: [(plot) => this.#peaks(plot)] },
    };
  }

  #shade(plot) {
    const { top, height } = plot.bbox;
    plot.ctx.save();
    for (const [t0, t1, kind] of shades(this.run, this.until)) {
      const x0 = plot.valToPos(t0, "x", true);
      plot.ctx.fillStyle = kind === "broken" ? this.colours.shade : this.colours.mending;
      plot.ctx.fillRect(x0, top, Math.max(1, plot.valToPos(t1, "x", true) - x0), height);
    }
    plot.ctx.restore();
  }

  /* The number of each peak that is too high for the chart. */
  #peaks(plot) {
    const { ctx, bbox, data } = plot;
    const ratio = globalThis.devicePixelRatio || 1;
    let free = -Infinity; // the end of the last number
    ctx.save();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    ctx.fillStyle = this.colours.ink;
    ctx.textAlign = "left";
    data[1].slice(0, -1).forEach((rate, at) => {
      const x = plot.valToPos(data[0][at], "x", true);
      const text = `▲ ${grouped(Math.round(rate))}`;
      const width = ctx.measureText(text).width + 8 * ratio;
      if (rate <= this.highest || x < free) return;
      free = x + width;
      ctx.fillText(text, Math.min(x + 2 * ratio, bbox.left + bbox.width - width), bbox.top + 12 * ratio);
    });
    ctx.restore();
  }
}

function highestOf(data) {
  const rates = data[1].filter((rate) => rate > 0).sort((a, b) => a - b);
  if (!rates.length) return 1;
  const usual = rates[Math.floor(rates.length / 2)] * HIGHEST;
  return rates.at(-1) > usual * 1.3 ? usual : rates.at(-1) * 1.06;
}

/* 12 300 rather than 12300. */
function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, " ");
}

const TEXTURES = new Map(); // colours and outcome -> canvas

/* An opaque fill: plain for ok, slanted lines for info, crossed ones for fail. */
function texture(context, key, colours) {
  const name = `${key} ${colours[`${key}_fill`]} ${colours[key]}`;
  if (!TEXTURES.has(name)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const ink = tile.getContext("2d");
    ink.fillStyle = colours[`${key}_fill`];
    ink.fillRect(0, 0, 8, 8);
    ink.strokeStyle = colours[key];
    ink.lineWidth = 1.4;
    ink.beginPath();
    if (key !== "ok") slant(ink, -1);
    if (key === "fail") slant(ink, 1);
    ink.stroke();
    TEXTURES.set(name, tile);
  }
  return context.createPattern(TEXTURES.get(name), "repeat");
}

function slant(ink, way) {
  for (const shift of [-8, 0, 8]) {
    ink.moveTo(shift, way > 0 ? 0 : 8);
    ink.lineTo(shift + 8, way > 0 ? 8 : 0);
  }
}
