// The AJAX page: sends JSON with the token in a header, as Django's documentation shows it.

const cookie = (name) =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);

const form = document.getElementById("ask");
const answer = document.getElementById("answer");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const headers = { "Content-Type": "application/json", Accept: "application/json, application/problem+json" };
  if (event.submitter?.value !== "bare") headers["X-CSRFToken"] = cookie("csrftoken");
  try {
    const response = await fetch(form.dataset.url, {
      method: "POST",
      headers,
      body: JSON.stringify({ to: form.elements.to.value }),
    });
    const told = await response.json();
    answer.className = response.ok ? "notice good" : "notice bad";
    answer.textContent = response.ok
      ? `Your notifications now also go to ${told.to}.`
      : `${response.status}: ${told.detail} ${told.do ?? ""}`;
  } catch (error) {
    answer.className = "notice bad";
    answer.textContent = `No answer: ${error.message}`;
  }
});
