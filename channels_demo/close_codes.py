"""Why this service closes a socket, as data: the number that the other end is given, and what it means.

4000 to 4999 are free for applications (RFC 6455, 7.4.2); ours end like the status of HTTP that says the same. A socket
that is closed before it was accepted is an answer of HTTP, 403, and its code is lost: so we accept first where somebody
shall learn why. Only a wrong Origin is refused at once: a page that may not connect is told nothing.
"""

MALFORMED = 4400
NOT_LOGGED_IN = 4401
NOT_ALLOWED = 4403
NO_SUCH_PATH = 4404
TOO_SLOW = 4408
FLOODING = 4429

MEANING = {
    MALFORMED: "what was asked for, or too much of what was sent, makes no sense",
    NOT_LOGGED_IN: "no login, or no valid ticket, or the login has ended",
    NOT_ALLOWED: "logged in, but this is somebody else's",
    NO_SUCH_PATH: "there is no socket at this path",
    TOO_SLOW: "frames were not taken in time",
    FLOODING: "too many frames in too short a time",
}
