/* Post a notification from the page and show it passing the five systems, hop by hop, until it is here again. */

import { ask } from "./ask.js";
import { STEPS, reached, times, waitsAt } from "./hub_passage.js";
import { element } from "./hub_tables.js";
import { say } from "./shapes.js";

const PATIENCE = 1.5; // seconds at one step from which on the page says where it waits

export class Posting {
  constructor(into, { words, told }) {
    Object.assign(this, { words, told, sent: null, look: null });
    this.form = into.querySelector("form");
    this.error = into.querySelector("[data-error]");
    this.list = into.querySelector("[data-passage]");
    this.note = into.querySelector("[data-note]");
    this.news = into.querySelector("[role=status]");
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  show(look) {
    this.look = look;
    if (this.sent && !this.sent.shown) this.#draw();
  }

  async #submit(event) {
    event.preventDefault();
    const order = Object.fromEntries(new FormData(this.form));
    const button = this.form.querySelector("button");
    button.disabled = true;
    this.error.textContent = this.news.textContent = this.note.textContent = "";
    this.list.hidden = true;
    try {
      const answer = await ask("/api/notifications", order);
      this.#begin({ ...order, ...answer, shown: null, step: -1, since: performance.now() });
    } catch (error) {
      this.error.textContent = [error.message, error.hint].filter(Boolean).join(" ");
    } finally {
      button.disabled = false;
    }
  }

  #begin(sent) {
    this.sent?.source.close();
    this.sent = sent;
    this.list.replaceChildren(...STEPS.map((step) => this.#step(step)));
    this.list.hidden = false;
    sent.source = new EventSource(`/api/notifications/${sent.id}/events`);
    sent.source.addEventListener("shown", (event) => this.#arrived(sent, JSON.parse(event.data)));
    sent.source.addEventListener("given-up", () => this.#ended(sent, "gave_up"));
    this.news.textContent = say(this.words, "posted_news", { region: sent.region });
    this.#draw();
  }

  #step(step) {
    const item = element("li", { className: "ahead" });
    item.dataset.step = step;
    item.append(element("span", { className: "mark" }), element("span", {}, say(this.words, `step_${step}`)), element("span", { className: "when" }));
    return item;
  }

  #arrived(sent, shown) {
    sent.source.close();
    if (sent !== this.sent) return;
    sent.shown = shown;
    this.#draw();
    const ms = Math.round((shown.at - sent.posted) * 1000);
    this.news.textContent = say(this.words, "arrived_news", { ms, server: shown.server, number: shown.seq });
    this.told({ kind: "good", text: say(this.words, "arrived", { text: sent.text, region: sent.region, ms }) });
  }

  #ended(sent, key) {
    sent.source.close();
    if (sent === this.sent) this.news.textContent = say(this.words, key);
  }

  #draw() {
    const { sent, look } = this;
    const at = look || sent.shown ? reached(sent, look?.followed[sent.id]) : 1;
    if (at !== sent.step) Object.assign(sent, { step: at, since: performance.now() });
    const found = sent.shown ? times(sent) : { rest: { who: sent.instance, seconds: sent.accepted - sent.posted } };
    [...this.list.children].forEach((item, index) => {
      item.className = index < at ? "done" : index === at ? "current" : "ahead";
      item.querySelector(".mark").textContent = index < at ? "✓" : index === at ? "▸" : "·";
      item.querySelector(".when").textContent = when(this.words, found?.[STEPS[index]], sent, STEPS[index]);
    });
    const seconds = (performance.now() - sent.since) / 1000;
    this.note.textContent = sent.shown ? this.#clocks(found) : look && seconds > PATIENCE ? this.#waits(seconds) : "";
  }

  #clocks(found) {
    return found ? "" : say(this.words, "clocks_differ");
  }

  #waits(seconds) {
    const { key, values, down } = waitsAt(this.sent, this.look, seconds);
    const told = [say(this.words, key, values)];
    if (down.length) told.push(say(this.words, "needs", { nodes: down.join(", ") }));
    return told.join(" ");
  }
}

/* Who did it and how long after the POST, e.g. "rest-2, 12 ms". */
function when(words, hop, sent, step) {
  if (!hop) return "";
  const ms = Math.max(0, Math.round(hop.seconds * 1000));
  const who = step === "rest" ? sent.instance : ["worker", "server"].includes(step) ? hop.who : "";
  return who ? say(words, "who_when", { who, ms }) : say(words, "when", { ms });
}
