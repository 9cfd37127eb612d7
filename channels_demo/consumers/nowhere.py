"""The end of the line: a path that is nobody's. Without it Channels answers 500 and writes a traceback, for each."""

from channels_demo import close_codes
from channels_demo.consumers.socket import Socket


class Nowhere(Socket):
    """Closes with 4404, so that a browser learns why."""

    async def connect(self) -> None:
        await self.refuse(close_codes.NO_SUCH_PATH)
