"""Messages that are good WebSocket and bad live feed: each gets an error frame that says why, or a close code."""

import json

from channels_demo import close_codes


def resume(after: object) -> str:
    return json.dumps({"type": "resume", "after": after})


ERRORS: dict[str, tuple[str | bytes, str]] = {
    "no JSON": ("not json", "malformed"),
    "an empty text": ("", "malformed"),
    "JSON cut off": ('{"type": "pi', "malformed"),
    "a list": ("[]", "malformed"),
    "a number": ("1", "malformed"),
    "nothing": ("null", "malformed"),
    "sixty thousand brackets": ("[" * 60_000, "malformed"),
    "a number of sixty thousand digits": ('{"type": ' + "9" * 60_000 + "}", "malformed"),
    "no type": ("{}", "unknown_type"),
    "an unknown type": ('{"type": "pigeon"}', "unknown_type"),
    "a type that is a list": ('{"type": ["ping"]}', "unknown_type"),
    "a type that is half a character": ('{"type": "\\ud800"}', "unknown_type"),
    "not a number": ('{"type": NaN}', "unknown_type"),
    "a resume after nothing": ('{"type": "resume"}', "wrong_after"),
    "a resume after -1": (resume(-1), "wrong_after"),
    "a resume after 1.5": (resume(1.5), "wrong_after"),
    "a resume after a text": (resume("7"), "wrong_after"),
    "a resume after true": (resume(True), "wrong_after"),
    "a resume after 10**15": (resume(10**15), "wrong_after"),
    "a resume of 21 regions": (resume({f"r{number}": 1 for number in range(21)}), "wrong_after"),
    "a resume of a region with a long name": (resume({"r" * 33: 1}), "wrong_after"),
    "a field of a million characters": (json.dumps({"type": "ping", "more": "x" * 1_000_000}), "too_long"),
    "more than 64 KiB in fewer characters": (json.dumps({"more": "Ж" * 40_000}, ensure_ascii=False), "too_long"),
    "bytes": (b'{"type": "ping"}', "binary"),
    "no bytes": (b"", "binary"),
}
"""What is sent -> the code of the error frame that answers it."""

QUERIES: dict[str, tuple[str, int]] = {
    "no region": ("", close_codes.MALFORMED),
    "an empty region": ("region=", close_codes.MALFORMED),
    "a region in capitals": ("region=NORTH", close_codes.MALFORMED),
    "a region that is no text": ("region=%ff%fe", close_codes.MALFORMED),
    "a region with a line break": ("region=north%0a", close_codes.MALFORMED),
    "a long region": ("region=" + "r" * 33, close_codes.MALFORMED),
    "21 regions": ("&".join(f"region=r{number}" for number in range(21)), close_codes.MALFORMED),
    "after a text": ("region=north&after=x", close_codes.MALFORMED),
    "after -1": ("region=north&after=-1", close_codes.MALFORMED),
    "after a digit of another script": ("region=north&after=%EF%BC%97", close_codes.MALFORMED),
    "another's group, without a login": ("region=private-ada", close_codes.NOT_LOGGED_IN),
    "another's group beside a public one": ("region=north&region=private-ada", close_codes.NOT_LOGGED_IN),
    "a ticket that nobody gave": ("region=north&ticket=made-up", close_codes.NOT_LOGGED_IN),
    "a ticket of 5000 characters": ("region=north&ticket=" + "x" * 5000, close_codes.NOT_LOGGED_IN),
}
"""Query string of ws/feed/ -> the code that the socket is closed with."""
