/* The form that runs a scenario: it sends a job and goes to the page of its run, or shows the command that does it. */

import { ask } from "./ask.js";
import { handed } from "./elements.js";
import { say } from "./shapes.js";

const words = handed("words");
const form = document.getElementById("try");
const news = document.getElementById("news");
const command = document.getElementById("command");

/* What the form says, as the job that the console starts. A parameter that was left alone is not in it. */
function job() {
  const data = new FormData(form);
  const parameters = {};
  for (const field of form.querySelectorAll("[data-parameter]"))
    if (field.value.trim() !== "") parameters[field.dataset.parameter] = field.value.trim();
  return {
    scenario: form.dataset.scenario,
    variant: data.get("variant"),
    pace: data.get("pace"),
    seed: Number(data.get("seed")) || 0,
    parameters,
    prediction: data.get("prediction") || null,
  };
}

/* The same as a line for a shell. */
function line({ scenario, variant, pace, seed, parameters, prediction }) {
  const parts = ["bin/lab", "run", scenario];
  if (variant !== "main") parts.push(`--${variant}`);
  if (pace !== "full") parts.push("--pace", pace);
  if (seed) parts.push("--seed", String(seed));
  for (const [name, value] of Object.entries(parameters)) parts.push("--set", quoted(`${name}=${value}`));
  if (prediction) parts.push("--predict", quoted(prediction));
  return parts.join(" ");
}

function quoted(text) {
  return /^[\w=.,:/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function tell() {
  command.textContent = line(job());
}

async function run(event) {
  event.preventDefault();
  const variant = event.submitter?.dataset.variant;
  if (variant) form.elements.variant.value = variant;
  tell();
  if ("readOnly" in form.dataset) return;
  const buttons = [...document.querySelectorAll("button[type=submit]")];
  buttons.forEach((one) => (one.disabled = true));
  news.textContent = say(words, "starting");
  try {
    const started = await ask("/api/jobs", job());
    location.assign(`/runs/${encodeURIComponent(started.run)}`);
  } catch (error) {
    news.textContent = [error.message, error.hint].filter(Boolean).join(" ");
    buttons.forEach((one) => (one.disabled = false));
    event.submitter?.focus();
  }
}

async function copy() {
  try {
    await navigator.clipboard.writeText(command.textContent);
    news.textContent = say(words, "copied");
  } catch {
    news.textContent = say(words, "not_copied");
  }
}

form.addEventListener("input", tell);
form.addEventListener("submit", run);
document.getElementById("copy").addEventListener("click", copy);
addEventListener("pageshow", tell); // a browser that comes back keeps what was chosen
tell();
