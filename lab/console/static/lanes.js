/* The lanes under the charts: phases, faults, leaders and in-sync sets, silences, single operations, queue depths.
 *
 * Takes a Run and a moment, returns one SVG element in the scale of the charts. Called for every frame of a replay. */

import { faults, shades } from "./faults.js";
import { bar, fitting, LEFT, make, mark, patterns, RIGHT, say, seconds, ticks, title } from "./shapes.js";

const MOST_PARTITIONS = 12;
const MOST_QUEUES = 8;

/* The whole picture of lanes up to `until`. */
export function lanes(run, scale, until, words) {
  const svg = make("svg", { class: "lanes", width: scale.width, role: "img" });
  const sheet = { run, scale, until, words, svg, y: 4 };
  const back = make("g");
  svg.append(patterns(), back);
  axis(sheet);
  phases(sheet);
  faults(sheet);
  partitions(sheet);
  silences(sheet);
  for (const tally of run.tallies.values()) if (!run.often(tally) && tally.ended) singles(sheet, tally);
  depths(sheet);
  behind(sheet, back);
  svg.setAttribute("height", sheet.y + 6);
  svg.setAttribute("viewBox", `0 0 ${scale.width} ${sheet.y + 6}`);
  svg.setAttribute("aria-label", summary(sheet));
  return svg;
}

function summary({ run, until, words }) {
  return say(words, "picture", {
    seconds: seconds(until),
    faults: run.faults.size,
    phases: run.phases.length,
    partitions: run.partitions.size,
    silences: run.silencesUntil(until).length,
  });
}

function axis(sheet) {
  const { svg, scale, words } = sheet;
  const all = ticks(scale);
  for (const t of all) {
    const x = scale.x(t);
    const label = t === all.at(-1) ? say(words, "moment_on_axis", { seconds: t }) : `${t}`;
    svg.append(make("text", { class: "dim", x, y: sheet.y + 10, "text-anchor": "middle" }, label));
  }
  sheet.y += 20;
}

/* Fault windows as a shade over every lane, the axis' moments as lines, and the moment shown as the last one. */
function behind({ run, scale, until, y }, back) {
  for (const [t0, t1, kind] of shades(run, until))
    back.append(
      make("rect", {
        class: `shade ${kind}`,
        x: scale.x(t0),
        y: 18,
        width: Math.max(1, scale.x(t1) - scale.x(t0)),
        height: y - 18,
      }),
    );
  for (const t of ticks(scale))
    back.append(make("line", { class: "grid", x1: scale.x(t), x2: scale.x(t), y1: 18, y2: y }));
  back.append(make("line", { class: "now", x1: scale.x(until), x2: scale.x(until), y1: 18, y2: y }));
}

function phases(sheet) {
  const { run, scale, until, words, svg } = sheet;
  const seen = run.phases.filter((phase) => phase.t <= until);
  if (!seen.length) return;
  title(sheet, say(words, "phases"));
  seen.forEach((phase, at) => {
    const end = seen[at + 1]?.t ?? until;
    const name = words[`phase ${phase.name}`] ?? phase.name; // a script wrote it: English unless it is known
    bar(svg, { x0: scale.x(phase.t), x1: scale.x(end) - 1, y: sheet.y, height: 18, name, kind: "phase" });
  });
  sheet.y += 24;
}

function partitions(sheet) {
  const { run, words } = sheet;
  const numbers = [...run.partitions.keys()].sort((a, b) => a - b);
  const nodes = [...new Set([...run.partitions.values()].flat().flatMap((seen) => seen.replicas))].sort();
  for (const number of numbers.slice(0, MOST_PARTITIONS)) onePartition(sheet, number, nodes);
  if (numbers.length > MOST_PARTITIONS)
    title(sheet, say(words, "more_partitions", { count: numbers.length - MOST_PARTITIONS }));
}

/* Two bars: who led, one look for each node and hatching for nobody; who was in sync, hatched when one was missing. */
function onePartition(sheet, number, nodes) {
  const { run, scale, until, words, svg } = sheet;
  const seen = run.partitions.get(number).filter((one) => one.t <= until);
  if (!seen.length) return;
  title(sheet, say(words, "partition", { partition: number }));
  spans(seen, (one) => one.leader, until).forEach(([one, t0, t1]) => {
    const name = one.leader ? say(words, "leads", { node: one.leader }) : say(words, "no_leader");
    const kind = one.leader ? `node node-${nodes.indexOf(one.leader) % 4}` : "missing";
    bar(svg, { x0: scale.x(t0), x1: scale.x(t1) - 1, y: sheet.y, height: 18, name, kind });
  });
  spans(seen, (one) => one.inSync.join(), until).forEach(([one, t0, t1]) => {
    const key = one.inSync.length < one.replicas.length ? "in_sync_short" : "in_sync";
    const name = say(words, key, { nodes: one.inSync.join(", "), count: one.inSync.length, of: one.replicas.length });
    const kind = key === "in_sync" ? "whole" : "missing";
    bar(svg, { x0: scale.x(t0), x1: scale.x(t1) - 1, y: sheet.y + 20, height: 16, name, kind });
  });
  sheet.y += 42;
}

/* [first, start, end] of each stretch in which `key` stayed the same. */
function spans(seen, key, until) {
  const found = [];
  for (const one of seen) {
    if (found.length && key(found.at(-1)[0]) === key(one)) continue;
    if (found.length) found.at(-1)[2] = one.t;
    found.push([one, one.t, until]);
  }
  return found;
}

function silences(sheet) {
  const { run, scale, until, words, svg } = sheet;
  const found = run.silencesUntil(until);
  if (!found.length) return;
  title(sheet, say(words, "silences"));
  for (const partition of [...new Set(found.map((one) => one.partition))].sort((a, b) => a - b)) {
    for (const one of found.filter((other) => other.partition === partition)) {
      const key = partition === null || run.partitions.size < 2 ? "silence" : "silence_in_partition";
      const values = { seconds: seconds(one.end - one.start), partition };
      const name = say(words, key, values);
      const short = say(words, `${key}_short`, values);
      bar(svg, {
        x0: scale.x(one.start),
        x1: scale.x(one.end),
        y: sheet.y,
        height: 17,
        name,
        kind: "silence",
        short,
        right: scale.width,
      });
    }
    sheet.y += 20;
  }
  sheet.y += 4;
}

/* Few operations: each is drawn, those of the same moment above each other. */
function singles(sheet, tally) {
  const { scale, until, words, svg } = sheet;
  title(
    sheet,
    say(words, tally.predicted ? "single_observations" : "single_operations", { op: tally.op.replaceAll("_", " ") }),
  );
  const columns = new Map();
  for (const { t, outcome } of tally.marks) {
    if (t > until) continue;
    const column = Math.round(scale.x(t) / 8);
    if (!columns.has(column)) columns.set(column, []);
    columns.get(column).push([t, outcome]);
  }
  const highest = Math.max(1, ...[...columns.values()].map((column) => column.length));
  const height = Math.min(64, 10 * highest);
  for (const [column, marks] of columns)
    marks.forEach(([, outcome], at) =>
      svg.append(
        mark(
          outcome,
          column * 8,
          sheet.y + height - 5 - at * Math.min(10, (height - 10) / Math.max(1, marks.length - 1)),
        ),
      ),
    );
  svg.append(
    make("line", {
      class: "ground",
      x1: LEFT,
      x2: scale.width - RIGHT,
      y1: sheet.y + height + 1,
      y2: sheet.y + height + 1,
    }),
  );
  sheet.y += height + 8;
}

function depths(sheet) {
  const { run, scale, until, words, svg } = sheet;
  const queues = [...run.depths].filter(([, seen]) => seen.some((one) => one.depth > 0)).slice(0, MOST_QUEUES);
  for (const [queue, seen] of queues) {
    const most = Math.max(...seen.map((one) => one.depth));
    title(sheet, say(words, "depth", { queue, most }));
    let path = "";
    let height = 0;
    for (const one of seen) {
      if (one.t > until) break;
      height = (one.depth / most) * 24;
      path += `${path ? "H" : "M"}${scale.x(one.t)}${path ? "" : ` ${sheet.y + 26}`}V${sheet.y + 26 - height}`;
    }
    if (path) svg.append(make("path", { class: "depth", d: `${path}H${scale.x(until)}V${sheet.y + 26}Z` }));
    sheet.y += 32;
  }
}
