/* The end of a run: verdict, findings with their first offenders, prediction against result, lesson.
 *
 * The verdict comes with the end of the event stream and is shown at once; the rest is judged anew from the history by
 * a process of the console's, which takes a second or more. */

import { element, pairs, table } from "./elements.js";
import { say } from "./shapes.js";

const SIGNS = { HOLDS: "✓", BROKEN: "✕", UNKNOWN: "?" };

export class Told {
  constructor(run, words) {
    Object.assign(this, { run, words, place: document.getElementById("told") });
  }

  /* `verdict`: the object of verdict.json or null; `why`: why there is none. */
  async show(verdict, why) {
    this.place.hidden = false;
    const { words } = this;
    const box = document.getElementById("verdict");
    if (verdict) this.#badge(box, verdict, say(words, verdict.as_expected ? "as_expected" : "not_as_expected", verdict));
    else alert(box, why || say(words, "no_verdict"));
    const says = element(box, "p", "dim", say(words, "judging"));
    if (verdict) this.#findings(verdict.findings.map(plain));
    const told = await this.#ask();
    says.remove();
    if (told.error) alert(box, say(words, "not_told", { error: told.error }));
    else this.#all(box, told, verdict);
    this.place.dataset.told = told.error ? "no" : "yes"; // for whoever waits until all is there
  }

  async #ask() {
    try {
      return await (await fetch(`/api/runs/${encodeURIComponent(this.run)}/told`)).json();
    } catch (error) {
      return { error: error.message };
    }
  }

  #badge(box, { verdict }, expectation) {
    const line = element(box, "p", "verdict");
    element(line, "span", `badge ${verdict}`, `${SIGNS[verdict]} ${verdict}`);
    element(line, "span", "", expectation);
  }

  #all(box, told, verdict) {
    box.replaceChildren();
    this.#badge(box, told.result, told.expectation);
    if (verdict && verdict.verdict !== told.result.verdict)
      alert(box, say(this.words, "judged_otherwise", { before: verdict.verdict, now: told.result.verdict }));
    for (const sentence of told.alerts) alert(box, sentence);
    this.#prediction(box, told.predictions);
    element(box, "p", "dim", told.about);
    this.#faults(told.faults);
    this.#findings(told.findings);
    this.#question(told);
    this.#errors(told.errors);
    this.#setting(told);
    fill("lesson", (into) => element(into, "pre", "", told.lesson));
  }

  /* When each fault began, was felt and mended. */
  #faults(faults) {
    const place = document.getElementById("windows");
    place.replaceChildren();
    for (const { title, events } of faults) {
      const line = element(place, "p");
      element(line, "b", "", title);
      if (events.length) line.append(`: ${events.join(" → ")}`);
    }
  }

  #prediction(box, predictions) {
    for (const { says, true: came, chosen } of predictions)
      if (chosen) {
        const line = element(box, "p", "prediction");
        element(line, "b", "", say(this.words, came ? "came_true" : "did_not_come_true", { says }));
      }
  }

  #findings(findings) {
    const { words } = this;
    fill("findings", (into) => {
      const body = table(into, ["verdict_of", "check", "found"].map((key) => say(words, key)), "stacked");
      for (const finding of findings) this.#finding(element(body, "tr"), finding);
    });
  }

  #finding(row, { verdict, check, says, counts, offenders }) {
    element(element(row, "td"), "span", `word ${verdict}`, `${SIGNS[verdict]} ${verdict}`);
    element(row, "th", "", check).scope = "row";
    const cell = element(row, "td", "", says);
    const numbers = element(cell, "div", "pairs-in-line");
    for (const [name, value] of Object.entries(counts)) {
      element(numbers, "span", "", `${name} ${value ?? "-"}`);
      numbers.append(" ");
    }
    if (!offenders.length) return;
    const box = element(cell, "div", "offenders");
    element(box, "div", "dim", say(this.words, "offenders"));
    const list = element(box, "ul", "plain");
    for (const { text, lines } of offenders) {
      const item = element(list, "li");
      element(item, "code", "", text);
      const seen = element(item, "ul", "plain");
      for (const line of lines) element(seen, "li", "dim", line);
    }
  }

  #question({ question, predictions, statements }) {
    const { words } = this;
    fill("question", (into) => {
      element(into, "p", "", question);
      const choices = element(into, "ul", "plain");
      for (const { says, true: came } of predictions) {
        const item = element(choices, "li", "", `${came ? "✓" : "✕"} ${says} `);
        element(item, "span", "dim", say(words, came ? "came" : "did_not_come"));
      }
      if (!statements.length) return;
      element(into, "h3", "", say(words, "statements"));
      const list = element(into, "ul", "plain");
      for (const { id, says, verdict, condition } of statements) {
        const item = element(list, "li");
        element(item, "b", "", id);
        item.append(` ${says} `);
        element(item, "span", `word ${verdict}`, `${SIGNS[verdict]} ${verdict}`);
        if (condition) element(item, "span", "dim", ` ${condition}`);
      }
    });
  }

  #errors(errors) {
    const { words } = this;
    if (!errors.length) return;
    fill("errors", (into) => {
      const body = table(into, ["times", "op", "outcome", "error"].map((key) => say(words, key)), "stacked");
      for (const { times, op, outcome, text } of errors) {
        const row = element(body, "tr");
        for (const cell of [String(times), op, outcome]) element(row, "td", "", cell);
        element(element(row, "td"), "code", "", text);
      }
    });
  }

  #setting({ parameters, versions, noted }) {
    const { words } = this;
    fill("setting", (into) => {
      const columns = element(into, "div", "columns");
      for (const [key, all] of Object.entries({ parameters, versions })) {
        const column = element(columns, "div");
        element(column, "h3", "", say(words, key));
        if (all.length) pairs(column, all);
        else element(column, "p", "", say(words, "none"));
      }
      if (!noted.length) return;
      element(into, "h3", "", say(words, "noted"));
      pairs(into, noted);
    });
  }
}

/* A finding of verdict.json in the form of one that was told. */
function plain({ verdict, check, says, counts }) {
  return { verdict, check: check.replaceAll("_", " "), says, counts, offenders: [] };
}

function alert(into, sentence) {
  element(into, "p", "alert", sentence).setAttribute("role", "note");
}

/* Show a section of the page with new contents under its heading. */
function fill(id, make) {
  const section = document.getElementById(id);
  const into = section.querySelector(".filled");
  into.replaceChildren();
  make(into);
  section.hidden = false;
}
