"use strict";
// What is scope for? Opens one socket and lets its answer stand in the page.

const scheme = location.protocol === "https:" ? "wss" : "ws";
const socket = new WebSocket(`${scheme}://${location.host}/ws/scope/attic/7/?region=north&region=south`, ["lab.v1"]);
const place = document.getElementById("status");

function say(text, kind) {
  place.textContent = text;
  place.className = `note ${kind}`;
}

function fill(name, text) {
  for (const spot of document.querySelectorAll(`[data-live=${name}]`)) spot.textContent = text;
}

socket.onmessage = (message) => {
  const told = JSON.parse(message.data);
  const keys = new Map(told.keys.map((entry) => [entry.key, entry]));
  const value = (key) => keys.get(key)?.value;
  const not_there = new Map(told.not_there.map((one) => [one.idiom, one.found]));
  fill("size", `a dict of ${told.keys.length} keys`);
  fill("connecting", not_there.get("scope['websocket.connecting']"));
  fill("channel", told.channel);
  fill("path", `${value("path")} (${keys.get("path").type})`);
  fill("kwargs", JSON.stringify(value("url_route").kwargs));
  fill("query", `b"${value("query_string")}" (${keys.get("query_string").type})`);
  fill("host", value("headers").find(([name]) => name === "host")?.[1] ?? "no such header");
  fill("server", JSON.stringify(value("server")));
  const user = value("user");
  fill("user", `${user.is_authenticated ? user.username : "anonymous"} (${keys.get("user").type})`);
  fill("context", `this answer was made of it by ${told.server}`);
  lost(told.not_there);
  makers(told.keys);
  say(`${told.server} answered, over ${value("path")}`, "good");
  socket.close(1000);
};
socket.onclose = (event) => {
  if (event.code !== 1000) say(`closed with ${event.code}: ${event.reason || "no answer"}; reload to try again`, "bad");
};

function lost(idioms) {
  for (const one of idioms) {
    const line = document.getElementById("lost").insertRow();
    for (const text of [one.idiom, one.found]) line.insertCell().append(Object.assign(document.createElement("code"), { textContent: text }));
  }
}

function makers(entries) {
  const by = new Map();
  for (const entry of entries) by.set(entry.by, [...(by.get(entry.by) ?? []), entry.key]);
  for (const [who, keys] of by) {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("b"), { textContent: who }), `: ${keys.join(", ")}`);
    document.getElementById("makers").append(item);
  }
}
