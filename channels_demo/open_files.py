"""A socket is an open file, and a shell often allows 1,024 of them. A server may raise that for itself."""

import resource

WANTED = 8192


def allow_many_open_files() -> None:
    """Up to what the system allows us; the stack's containers allow as many by themselves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
