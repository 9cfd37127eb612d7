/* Ask the console to do something: POST JSON with the token of this page.
 *
 * Returns the parsed answer. Throws an Error whose `message` says what went wrong and whose `hint` what to do about it;
 * `status` is the HTTP status, 0 when the console did not answer. */

export async function ask(path, body = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw refused(error.message, "lab console", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw refused(answer.error ?? `${response.status} ${response.statusText}`, answer.do ?? "", response.status);
  return answer;
}

function refused(message, hint, status) {
  return Object.assign(new Error(message), { hint, status });
}
