/* The page Hub: takes each look at the hub as it comes, and hands it to the picture, the tables, the charts, the news. */

import { Breaking, LEADER } from "./hub_break.js";
import { Charts } from "./hub_charts.js";
import { PARTS, SYSTEMS, brokenOnes, isBad, isUnasked, oldness, states } from "./hub_facts.js";
import { Motion } from "./hub_motion.js";
import { news } from "./hub_news.js";
import { Picture } from "./hub_picture.js";
import { Posting } from "./hub_post.js";
import { Tables, element } from "./hub_tables.js";
import { say } from "./shapes.js";

const words = JSON.parse(document.getElementById("words").textContent);
const facts = JSON.parse(document.getElementById("facts").textContent);
const byId = (id) => document.getElementById(id);
const MOST_NEWS = 12;
const NO_LOOK_AFTER = 5000; // milliseconds

const breaking = new Breaking(byId("break"), { words, facts, nodes: Object.values(SYSTEMS).flat(), told });
const picture = new Picture(byId("picture"), words, (node) => breaking.open(node));
const motion = new Motion(picture);
const tables = new Tables(byId("in-words"), words, (node) => breaking.open(node));
const charts = new Charts(byId("charts"), words);
const posting = new Posting(byId("post"), { words, told });
let latest = null;
let silence = 0;

byId("break-leader").addEventListener("click", () => breaking.open(LEADER));
byId("heal")?.addEventListener("click", (event) => breaking.heal(event.currentTarget));

function told({ text, kind }) {
  const item = element("li", { className: kind });
  const time = new Date().toLocaleTimeString(document.documentElement.lang);
  item.append(element("span", { className: "time" }, time), element("span", {}, text));
  byId("news").prepend(item);
  while (byId("news").children.length > MOST_NEWS) byId("news").lastChild.remove();
  byId("no-news").hidden = true;
}

function show(look) {
  const found = states(look);
  if (latest) for (const item of news(latest, look, words)) told(item);
  picture.show(look);
  if (latest) motion.show(latest, look);
  tables.show(look, found);
  charts.add(look);
  breaking.show(look);
  posting.show(look);
  condition(look, found);
  latest = look;
}

/* One sentence on top: whether all is well, and if not, what is broken. */
function condition(look, found) {
  if (PARTS.some((part) => isUnasked(look[part]))) return; // what the page says at first stays
  const broken = brokenOnes(look);
  const drawn = Object.values(SYSTEMS).flat(); // what is not, as the console in a stack, may be left out
  const matters = ([name, state]) => isBad(state) && (state !== "absent" || drawn.includes(name));
  const other = [...found].filter((one) => matters(one) && !broken.some(({ name }) => name === one[0]));
  const bad = other.filter(([, state]) => state !== "absent").map(([name]) => name);
  const absent = other.filter(([, state]) => state === "absent").map(([name]) => name);
  const old = PARTS.filter((part) => oldness(look[part]));
  const told = [];
  if (!look.services.length && old.length === PARTS.length) told.push(say(words, "condition_no_stack"));
  else {
    for (const { name, fault } of broken) told.push(say(words, `condition_${fault}`, { node: name }));
    if (bad.length) told.push(say(words, "condition_down", { nodes: bad.join(", ") }));
    if (absent.length) told.push(say(words, "condition_absent", { nodes: absent.join(", ") }));
    for (const part of old) told.push(partSentence(part, oldness(look[part])));
  }
  const waits = [...found.values()].some((state) => state === "starts");
  if (!told.length) told.push(say(words, waits ? "condition_starting" : "condition_well"));
  const isWell = !broken.length && !other.length && !old.length;
  const line = byId("condition");
  const sign = isWell ? (waits ? "◌" : "●") : "✕";
  const text = told.join(" ");
  if (line.dataset.text !== text) line.replaceChildren(element("span", { className: "sign" }, sign), ` ${text}`);
  line.dataset.text = text;
  line.className = isWell ? "well" : "ill";
  for (const place of document.querySelectorAll("[data-while-broken]")) place.hidden = !broken.length && !bad.length;
}

function partSentence(part, { seconds, error }) {
  const system = say(words, `system_${part}`);
  return say(words, seconds === null ? "part_never" : "part_old", { system, seconds, error });
}

function trouble(text) {
  byId("trouble").textContent = text;
  byId("trouble").hidden = !text;
}

function listen() {
  const source = new EventSource("/api/look/events");
  source.addEventListener("look", (event) => {
    clearTimeout(silence);
    silence = setTimeout(() => trouble(say(words, "no_look")), NO_LOOK_AFTER);
    trouble("");
    show(JSON.parse(event.data));
  });
  source.addEventListener("trouble", (event) => trouble(JSON.parse(event.data).error));
  source.addEventListener("error", () => {
    trouble(say(words, "no_console"));
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
  addEventListener("pagehide", () => source.close());
}

listen();
