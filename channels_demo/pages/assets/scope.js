"use strict";
// The scope inspector: opens a socket as asked and shows the scope that its consumer has, against the one before.

const byId = (id) => document.getElementById(id);
let socket = null;
let before = null;

function say(text, kind) {
  byId("status").textContent = text;
  byId("status").className = `note ${kind || ""}`;
}

function openSocket(path, query, protocols) {
  if (socket) socket.close(1000);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}${path}${query ? `?${query}` : ""}`, protocols);
  socket = mine;
  say("opening ...", "wait");
  mine.onmessage = (message) => socket === mine && show(JSON.parse(message.data));
  mine.onclose = (event) => {
    if (socket !== mine) return;
    byId("send").disabled = true;
    const why = event.code === 4404 ? "nobody's path" : event.reason || "refused, or the server went away";
    say(`closed with ${event.code}: ${why}`, "bad");
  };
}

function show(told) {
  const now = new Map(told.keys.map((entry) => [entry.key, entry]));
  const rows = document.querySelector("#keys tbody");
  rows.replaceChildren();
  const differences = [];
  for (const entry of told.keys) {
    const was = before && before.get(entry.key);
    const how = !before ? "" : !was ? "new" : text(was) !== text(entry) ? "changed" : "";
    if (how) differences.push(`${entry.key} ${how}`);
    rows.append(row(entry, how));
  }
  for (const [key, entry] of before || []) {
    if (!now.has(key)) {
      differences.push(`${key} gone`);
      rows.append(row(entry, "gone"));
    }
  }
  const against = before ? `; against the one before: ${differences.join(", ") || "no difference"}` : "";
  say(`${told.keys.length} keys, from ${told.server}, with the event ${told.event.type}${against}`, "good");
  beside(told);
  before = now;
  byId("send").disabled = false;
}

const text = (entry) => JSON.stringify([entry.by, entry.type, entry.value]);

function row(entry, how) {
  const line = document.createElement("tr");
  line.className = how;
  line.dataset.key = entry.key;
  for (const [label, told] of [["key", entry.key], ["put there by", entry.by], ["type", entry.type]]) {
    const cell = line.insertCell();
    cell.dataset.label = label;
    cell.append(Object.assign(document.createElement("span"), { textContent: told }));
  }
  if (how) {
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.textContent = how;
    line.cells[0].firstChild.append(mark);
  }
  const value = line.insertCell();
  value.className = "value";
  value.dataset.label = "value";
  const told = document.createElement("span");
  value.append(told);
  told.textContent = lines(entry.value) + (entry.decoded ? `\ndecoded: ${lines(entry.decoded)}` : "");
  return line;
}

function lines(value) {
  if (Array.isArray(value) && value.every((one) => Array.isArray(one) && one.length === 2)) {
    return value.map(([name, one]) => `${name}: ${one}`).join("\n") || "[]";
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

function beside(told) {
  const list = byId("beside");
  list.replaceChildren();
  const pairs = [
    ["self.channel_name, unique to this socket", told.channel],
    ["the subprotocol that the consumer accepted", told.subprotocol ?? "none"],
    ["the event that it came with", JSON.stringify(told.event)],
    ...told.not_there.map((one) => [`${one.idiom}, tried here`, `${one.found} (${one.why})`]),
  ];
  for (const [term, told] of pairs) {
    list.append(Object.assign(document.createElement("dt"), { textContent: term }));
    list.append(Object.assign(document.createElement("dd"), { textContent: told }));
  }
}

byId("wish").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  const form = new FormData(byId("wish"));
  const cookie = form.get("cookie").trim();
  for (const old of document.cookie.split("; ")) {
    // Those of an earlier try; the server's own cannot be seen from here, or are not ours to end.
    if (old && !old.startsWith("channels_")) document.cookie = `${old.split("=")[0]}=; path=/; max-age=0`;
  }
  if (cookie) document.cookie = `${cookie}; path=/; SameSite=Lax`;
  const protocols = form.get("subprotocols").split(",").map((one) => one.trim()).filter(Boolean);
  try {
    openSocket(form.get("path"), form.get("query").trim().replace(/^\?/, ""), [...new Set(protocols)]);
  } catch (error) {
    say(`the browser refuses: ${error.message}`, "bad");
  }
});
byId("send").addEventListener("click", () => socket.send("a frame from the page"));
byId("wish").requestSubmit();
