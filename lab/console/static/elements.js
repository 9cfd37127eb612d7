/* Elements of a page, made one by one: text of a run only ever becomes text. */

export function element(into, name, className = "", text = null) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== null) made.textContent = text;
  into?.append(made);
  return made;
}

export function link(into, href, text) {
  const made = element(into, "a", "", text);
  made.href = href;
  return made;
}

export function button(into, text, act) {
  const made = element(into, "button", "", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/* A table with these headings; returns its body. */
export function table(into, headings, className = "") {
  const made = element(into, "table", className);
  const row = element(element(made, "thead"), "tr");
  for (const heading of headings) element(row, "th", "", heading).scope = "col";
  return element(made, "tbody");
}

/* Name and value, one below the other. */
export function pairs(into, all) {
  const list = element(into, "dl", "pairs");
  for (const [name, value] of all) {
    element(list, "dt", "", name);
    element(list, "dd", "", value);
  }
  return list;
}

/* The JSON that a page hands to its scripts. */
export function handed(id) {
  return JSON.parse(document.getElementById(id).textContent);
}
