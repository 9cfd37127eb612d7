"""What every page of the console works with: the settings, its power over the stack, the secret of its forms.

The command `lab console` makes one; app.py hands it to the pages as `request.app.state.desk`.
"""

import secrets
from dataclasses import dataclass, field

from starlette.requests import Request

from lab.console.catalogue import Catalogue
from lab.console.jobs import Jobs
from lab.console.look import Look
from lab.console.post import Posts
from lab.console.story import Stories
from lab.console.telling import Tellings
from lab.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """Made once for a server."""

    settings: Settings
    read_only: str = ""
    """Why nothing can be run, broken or mended from here, as a sentence; empty when it can."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """What a request that changes something must bring (guard.py)."""
    names: tuple[str, ...] = ()
    """What the console is called beside the names of this machine itself (guard.py)."""
    catalogue: Catalogue = field(default_factory=Catalogue)
    """The scenarios."""
    tellings: Tellings = field(default_factory=Tellings)
    """What children said of run folders."""
    stories: Stories = field(default_factory=Stories)
    jobs: Jobs = field(init=False)
    """Runs that are started from a page."""
    look: Look = field(init=False)
    """What the hub looks like now."""
    posts: Posts = field(init=False)
    """The notifications that were posted from here."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "jobs", Jobs(self.settings, self.catalogue))
        object.__setattr__(self, "look", Look(self.settings))
        object.__setattr__(self, "posts", Posts(self.settings, self.look))


def desk_of(request: Request) -> Desk:
    """The desk of the server that got this request."""
    desk: Desk = request.app.state.desk
    return desk
