"""What the console answers when it will not or cannot: a sentence, and what to do. app.py turns it into an answer."""


class Refusal(Exception):
    """`status` is HTTP's: 403 not from here, 409 not now, 422 not so, 503 no stack, 500 our own mistake."""

    def __init__(self, status: int, sentence: str, do: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.do = do
