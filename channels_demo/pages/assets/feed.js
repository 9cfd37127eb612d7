"use strict";
// The live feed: a socket that comes back by itself, knows its holes, and asks for what it missed.

const FINAL = { 4400: "that makes no sense", 4401: "not logged in", 4403: "not yours", 4404: "no such path" };
const MOST_ROWS = 200;
const byId = (id) => document.getElementById(id);
const counts = { received: 0, caught_up: 0, missing: 0, lost: 0, holes: 0, twice: 0, reconnects: 0 };
const regions = new Map();
const ids = new Set();
let socket = null;
let wanted = [];
let attempt = 0;
let timers = {};

function say(text, kind) {
  byId("status").textContent = text;
  byId("status").className = `note ${kind || ""}`;
}

function show() {
  counts.missing = [...regions.values()].reduce((sum, region) => sum + region.missing, 0);
  for (const [name, count] of Object.entries(counts)) {
    const place = document.querySelector(`[data-count=${name}]`);
    place.textContent = count;
    place.parentElement.classList.toggle("hot", count > 0 && (name === "missing" || name === "lost"));
  }
}

function later(name, seconds, action) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(action, seconds * 1000);
}

function connect() {
  const query = new URLSearchParams();
  for (const name of wanted) {
    query.append("region", name);
    if (regions.has(name)) query.append("after", `${name}:${regions.get(name).upto}`);
  }
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}/ws/feed/?${query}`);
  socket = mine;
  say("connecting ...", "wait");
  mine.onmessage = (message) => socket === mine && frame(JSON.parse(message.data));
  mine.onclose = (event) => socket === mine && closed(event);
  buttons();
}

function frame(told) {
  if (told.type === "welcome") return welcome(told);
  if (told.type === "event") return event(told);
  if (told.type === "resumed") return resumed(told);
  if (told.type === "pong") return clearTimeout(timers.pong);
  if (told.type === "error") say(`the server did not understand us: ${told.detail}`, "bad");
}

function welcome(told) {
  later("calm", 5, () => (attempt = 0));
  for (const [name, last] of Object.entries(told.last)) {
    if (!regions.has(name)) regions.set(name, new Region(last));
    // A number below ours: Redis was emptied, and the region counts anew.
    if (last < regions.get(name).upto) regions.set(name, new Region(last));
  }
  const caught = told.resume.sent ? `, caught up with ${told.resume.sent}` : "";
  const forgotten = told.resume.complete ? "" : "; some of what we missed has been forgotten";
  say(`connected to ${told.server}: ${told.groups.join(", ")}${caught}${forgotten}`, told.resume.complete ? "good" : "bad");
  if (!told.resume.complete) later("resume", 1, giveUp);
  later("ping", 25, ping);
  show();
}

function event(told) {
  const region = regions.get(told.region);
  const how = region ? region.take(told.seq) : "twice";
  if (how === "twice" || ids.has(told.id)) {
    counts.twice += 1;
    return show();
  }
  ids.add(told.id);
  counts.received += 1;
  if (how === "late") counts.caught_up += 1;
  if (how === "hole") counts.holes += 1;
  if (region.missing) later("resume", 0.5, resume);
  row(told, how);
  show();
}

function resume() {
  const after = {};
  for (const [name, region] of regions) if (region.missing) after[name] = region.upto;
  if (Object.keys(after).length && socket && socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ type: "resume", after }));
  }
}

function resumed(told) {
  if (!told.complete) giveUp();
  show();
}

function giveUp() {
  for (const region of regions.values()) counts.lost += region.giveUp();
  show();
}

function ping() {
  if (!socket || socket.readyState !== WebSocket.OPEN) return;
  socket.send('{"type":"ping"}');
  const mine = socket;
  later("pong", 10, () => mine.close());
  later("ping", 25, ping);
}

function closed(event) {
  for (const name of ["calm", "ping", "pong", "resume"]) clearTimeout(timers[name]);
  socket = null;
  buttons();
  if (FINAL[event.code]) return say(`closed with ${event.code}: ${event.reason || FINAL[event.code]}`, "bad");
  attempt += 1;
  counts.reconnects += 1;
  const most = Math.min(15, 0.5 * 2 ** attempt);
  const wait = most / 2 + (Math.random() * most) / 2; // not all of us at once
  say(`closed with ${event.code}; attempt ${attempt} in ${wait.toFixed(1)} s`, "wait");
  later("again", wait, connect);
  buttons();
  show();
}

function end() {
  const mine = socket;
  socket = null;
  for (const timer of Object.values(timers)) clearTimeout(timer);
  timers = {};
  if (mine) mine.close(1000);
}

function buttons() {
  const on = Boolean(socket);
  byId("connect").textContent = on ? "Connect anew" : "Connect";
  byId("cut").disabled = !on;
  byId("stop").disabled = !on && !timers.again;
}

function row(told, how) {
  const body = told.body && typeof told.body === "object" ? told.body : { text: String(told.body) };
  const cells = [told.region, told.seq, what(body), told.id, way(told.trace)];
  const line = document.createElement("tr");
  cells.forEach((text, at) => {
    const cell = line.insertCell();
    cell.append(Object.assign(document.createElement("span"), { textContent: text }));
    cell.dataset.label = ["region", "number", "what", "id", "its way"][at];
    if (at === 1) cell.className = "number";
    if (at === 2 || at === 3) cell.className = "value";
  });
  if (how === "late" || how === "hole") {
    const mark = document.createElement("span");
    mark.className = `mark ${how === "hole" ? "late" : ""}`;
    mark.textContent = how === "hole" ? "after a hole" : "caught up";
    line.cells[1].firstChild.append(mark);
  }
  const rows = document.querySelector("#events tbody");
  rows.prepend(line);
  while (rows.rows.length > MOST_ROWS) rows.deleteRow(-1);
  byId("nothing").hidden = true;
}

function what(body) {
  const text = body.text ?? body.html ?? Object.entries(body).filter(([name]) => name !== "kind").map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");
  return `${body.kind ? `${body.kind}: ` : ""}${text}`.slice(0, 300);
}

function way(trace) {
  const hops = trace.map((hop) => hop.split("@"));
  if (hops.length < 2) return hops.map(([name]) => name).join("");
  const took = (Number(hops.at(-1)[1]) - Number(hops[0][1])) * 1000;
  return `${hops.map(([name]) => name).join(" > ")}: ${took.toFixed(0)} ms`;
}

byId("wish").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  const form = new FormData(byId("wish"));
  wanted = [...new Set([...form.getAll("region"), form.get("another").trim()])].filter(Boolean);
  end();
  attempt = 0;
  for (const name of [...regions.keys()]) if (!wanted.includes(name)) regions.delete(name);
  if (!wanted.length) return say("choose a region first", "bad");
  connect();
});
byId("cut").addEventListener("click", () => {
  end();
  counts.reconnects += 1;
  say("cut; back in 3 s, asking for what was missed", "wait");
  later("again", 3, connect);
  buttons();
  show();
});
byId("stop").addEventListener("click", () => {
  end();
  say("disconnected", "");
  buttons();
});
byId("wish").requestSubmit();
