"""A user of the demo, over HTTP: logs in with the form, gets tickets, logs out. The session's cookie opens sockets.

Account("http://127.0.0.1:8472", "ada") --> .cookies --> open_socket(..., cookies=...)
"""

from types import TracebackType
from typing import Self

import httpx

from lab.cluster.target import LabError

PASSWORD = "lab"
SESSION, CSRF = "channels_session", "channels_csrf"


class Account:
    """One login. A context manager; leaving it closes the connections, and leaves the session as it is.

    Raises LabError when the server does not let the user in.
    """

    def __init__(self, base: str, user: str) -> None:
        self.user = user
        self._http = httpx.Client(base_url=base, headers={"Origin": base}, timeout=30, trust_env=False)
        self._http.get("/login/")
        answer = self._http.post("/login/", data={"username": user, "password": PASSWORD, **self._token()})
        if answer.status_code != 302 or SESSION not in self._http.cookies:
            raise LabError(f"{user} could not log in at {base}: HTTP {answer.status_code}. Are the demo's users there?")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    @property
    def cookies(self) -> dict[str, str]:
        """What a browser would send with a handshake."""
        return {SESSION: self._http.cookies[SESSION]} if SESSION in self._http.cookies else {}

    def ticket(self, base: str | None = None) -> str:
        """A new one; of the server at `base`, when that is another one with the same users and sessions."""
        at = base or str(self._http.base_url).rstrip("/")
        headers = {"X-CSRFToken": self._http.cookies[CSRF], "Origin": at}
        answer = self._http.post(f"{at}/api/ticket/", headers=headers)
        answer.raise_for_status()
        return str(answer.json()["ticket"])

    def log_out(self) -> None:
        """End the session; what used its cookie is a stranger from now on."""
        answer = self._http.post("/logout/", data=self._token())
        if answer.status_code != 302:
            raise LabError(f"{self.user} could not log out: HTTP {answer.status_code}.")

    def _token(self) -> dict[str, str]:
        return {"csrfmiddlewaretoken": self._http.cookies[CSRF]}
