/* Faults as the picture shows them: a lane each, and the times of all of them as shades behind lanes and charts. */

import { bar, labels, say, seconds, title } from "./shapes.js";

const MOST_FAULTS = 12;
const ROOMY = 3; // so many faults are drawn with a label for each step, more of them with one line of text
const STEPS = ["applied", "not_applied", "felt", "not_felt", "mending", "mended"];

/* [start, end, kind] of the times in which something was broken, then of those in which all that was left was being
 * mended; none overlaps another. Charts shade them too. */
export function shades(run, until) {
  const broken = [];
  const mending = [];
  for (const { name, steps } of run.faults.values()) {
    const began = steps.began ?? steps.applied;
    if (name === "untouched" || began === undefined || began > until) continue;
    const repair = Math.min(steps.mending ?? steps.mended ?? Infinity, until);
    broken.push([began, repair]);
    const whole = steps.mended ?? (steps.mending === undefined ? repair : Infinity);
    mending.push([began, Math.min(whole, until)]);
  }
  const left = union(mending).flatMap((one) => without(one, union(broken)));
  return [...union(broken).map((one) => [...one, "broken"]), ...left.map((one) => [...one, "mending"])];
}

function union(spans) {
  const found = [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (found.length && start <= found.at(-1)[1]) found.at(-1)[1] = Math.max(found.at(-1)[1], end);
    else found.push([start, end]);
  }
  return found;
}

/* What is left of a span when others, in order, are cut out of it. */
function without([start, end], others) {
  const found = [];
  for (const [from, to] of others.filter((other) => other[0] < end && other[1] > start)) {
    if (from > start) found.push([start, from]);
    start = to;
  }
  if (start < end) found.push([start, end]);
  return found;
}

/* A lane for each fault that began by the moment shown. `sheet`: see lanes.js. */
export function faults(sheet) {
  const { run, until, words } = sheet;
  const seen = [...run.faults.values()].filter((fault) => Math.min(...Object.values(fault.steps)) <= until);
  seen.slice(0, MOST_FAULTS).forEach((fault) => oneFault(sheet, fault, run.faults.size <= ROOMY));
  if (seen.length > MOST_FAULTS) title(sheet, say(words, "more_faults", { count: seen.length - MOST_FAULTS }));
}

function oneFault(sheet, { name, node, steps, what }, roomy) {
  const { scale, until, words, svg } = sheet;
  const fault = words[`named_${name}`] ?? name;
  const says = say(words, words[`fault_${name}`] ? `fault_${name}` : "fault", { node, fault });
  const told = STEPS.filter((step) => steps[step] <= until)
    .map((step) => ({
      t: steps[step],
      kind: step,
      text: say(words, `step_${step}`, { fault, seconds: seconds(steps[step]), what: what[step] ?? "" }),
    }))
    .sort((a, b) => a.t - b.t);
  title(
    sheet,
    roomy ? says : say(words, "fault_and_steps", { fault: says, steps: told.map((step) => step.text).join(", ") }),
  );
  const began = steps.began ?? Math.min(...Object.values(steps));
  const mending = Math.min(steps.mending ?? steps.mended ?? until, until);
  const mended = Math.min(steps.mended ?? until, until);
  const kind = name === "untouched" ? "untouched" : "broken";
  const height = roomy ? 14 : 9;
  bar(svg, { x0: scale.x(began), x1: scale.x(mending), y: sheet.y, height, name: "", kind });
  if (mended > mending)
    bar(svg, { x0: scale.x(mending), x1: scale.x(mended), y: sheet.y, height, name: "", kind: "mending" });
  sheet.y += height + 2;
  sheet.y += roomy ? labels(svg, scale, sheet.y, told) : 2;
}
