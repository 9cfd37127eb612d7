/* Starts the picture of a report: the history stands in the page itself, packed, and is fed to a Run in parts. */

import { Replay } from "./replay.js";
import { say } from "./shapes.js";
import { draw, Run } from "./timeline.js";

const AT_ONCE = 5000; // lines between two frames, so that the page stays alive

async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

async function reduced(history) {
  const run = new Run();
  const lines = history.split("\n");
  for (let at = 0; at < lines.length; at += AT_ONCE) {
    for (const line of lines.slice(at, at + AT_ONCE)) if (line) run.add(JSON.parse(line));
    await new Promise((next) => setTimeout(next));
  }
  return run;
}

async function start(words, element) {
  const run = await reduced(await unpacked(document.getElementById("history").textContent.trim()));
  const show = (until) => draw(run, element, { until, words });
  show(run.seconds);
  new Replay(document.getElementById("replay"), run.seconds, words, show);
  element.dataset.lines = run.lines; // for whoever waits until all is there
}

const words = JSON.parse(document.getElementById("words").textContent);
const picture = document.getElementById("picture");
start(words, picture).catch((error) => {
  picture.textContent = say(words, "not_drawn", { error: error.message });
  console.error(error);
});
