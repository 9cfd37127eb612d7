/* The lines of a run from the console's event stream into a Run. Live and over are the same: a run that goes on only
 * takes longer to come to its end.
 *
 * `lines(batch)` is called after each batch was added, `end({verdict, why})` once, `lost(again)` when the connection
 * broke: the browser tries again by itself unless `again` is false. */

import { Run } from "./reduce.js";

export function follow(name, { lines = () => {}, end = () => {}, lost = () => {}, open = () => {} }) {
  const run = new Run();
  const source = new EventSource(`/api/runs/${encodeURIComponent(name)}/events`);
  source.addEventListener("open", open);
  source.addEventListener("lines", (event) => {
    const batch = JSON.parse(event.data);
    for (const line of batch) run.add(line);
    lines(batch);
  });
  source.addEventListener("end", (event) => {
    source.close();
    end(JSON.parse(event.data));
  });
  source.addEventListener("error", () => lost(source.readyState !== EventSource.CLOSED));
  return run;
}

/* Calls `act` in a frame of its own, at most so many times a second however often it is asked; `now()` at once. */
export class Seldom {
  constructor(perSecond, act) {
    Object.assign(this, { pause: 1000 / perSecond, act, asked: false, last: -Infinity });
  }

  ask() {
    if (this.asked) return;
    this.asked = true;
    const wait = Math.max(0, this.last + this.pause - performance.now());
    setTimeout(() => requestAnimationFrame(() => this.asked && this.now()), wait);
  }

  now() {
    this.asked = false;
    this.act();
    this.last = performance.now();
  }
}
