"""How the services talk to whoever sits at the terminal: one short line for each event, in three columns."""

import sys
from datetime import datetime


def say(label: str, sentence: str) -> None:
    """Print `14:02:11.3  feeds         t-000012 ...` at once. Whatever stands in a message, it stays one line."""
    now = datetime.now()
    line = f"{now:%H:%M:%S}.{now.microsecond // 100_000}  {label:<13}  {printable(sentence)}\n"
    sys.stdout.buffer.write(line.encode(errors="backslashreplace"))
    sys.stdout.buffer.flush()


def printable(text: str, at_most: int = 240) -> str:
    """Text that came from outside: no line breaks or control characters, and not too long."""
    clean = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text[: at_most + 1])
    return clean if len(clean) <= at_most else clean[: at_most - 1] + "…"
