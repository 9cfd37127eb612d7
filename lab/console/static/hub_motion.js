/* Lets a dot run along a link for each message that moved over it. Nothing moves for those who asked for less motion. */

import { make } from "./shapes.js";

const SECONDS = 0.9;
const COUNTED_BY = {
  "rest>rabbitmq": "rest", "rabbitmq>celery": "celery", "celery>kafka": "celery", "kafka>channels": "channels",
  "channels>pages": "channels",
};
const MOST = 6; // dots for one link and look: more is a stream, and is shown as one

export class Motion {
  constructor(picture) {
    this.picture = picture;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  show(before, after) {
    if (this.still.matches || document.hidden) return;
    for (const [name, count] of movements(before, after)) {
      const path = this.picture.links.get(name);
      for (let dot = 0; path && dot < Math.min(count, MOST); dot += 1) this.#run(path, dot * 0.12);
    }
  }

  #run(path, delay) {
    const length = path.getTotalLength();
    const dot = make("circle", { class: "dot", r: 4.5, cx: -10, cy: -10 });
    this.picture.dots.append(dot);
    let began = null;
    const step = (now) => {
      began ??= now + delay * 1000;
      const done = (now - began) / 1000 / SECONDS;
      if (done >= 1 || !path.isConnected) return dot.remove();
      if (done >= 0) {
        const { x, y } = path.getPointAtLength(length * done);
        dot.setAttribute("cx", x);
        dot.setAttribute("cy", y);
      }
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}

/* [link, how many] since the look before. Celery's workers have a link each. */
export function* movements(before, after) {
  const seen = (part) => before[part].age !== null;
  if (seen("rest")) yield ["post", after.rest.accepted - before.rest.accepted];
  for (const [link, total] of Object.entries(after.moved)) if (seen(COUNTED_BY[link])) yield [link, total - before.moved[link]];
  const was = new Map(before.celery.workers.map((one) => [one.name, one]));
  for (const { name, started, ended } of after.celery.workers) {
    yield [`to-celery-${name}`, started - (was.get(name)?.started ?? started)];
    yield [`from-celery-${name}`, ended - (was.get(name)?.ended ?? ended)];
  }
}
