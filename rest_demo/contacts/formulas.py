"""What a spreadsheet computes, and how a text that only looks so is kept from it. Readers and writers use it.

A text that begins with = + - @ (or a tab, or a carriage return) is a formula to a spreadsheet that opens a csv file. It
is written with an apostrophe before it, and read without. So that this can be undone, a text that begins with an
apostrophe gets one more.
"""

from dataclasses import dataclass

BEGINS = ("=", "+", "-", "@", "\t", "\r", "'")


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell whose value a spreadsheet computes. what: "a formula" or "the error #N/A"."""

    what: str


def escaped(text: str) -> str:
    """A text that a spreadsheet takes for text."""
    return f"'{text}" if text.startswith(BEGINS) else text


def unescaped(text: str) -> str:
    """What `escaped` was given; any other text as it is."""
    return text[1:] if text.startswith("'") and text[1:].startswith(BEGINS) else text
