"""Stopping cleanly: every way of being told to stop becomes one KeyboardInterrupt."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Interruption", "interruptible"]


class Interruption:
    """Turns the first signal into a KeyboardInterrupt and ignores those after it.

    A second Ctrl-C while kernels are being shut down would leave them, and the
    temporary folder, behind. Cleaning up takes a second or two and is bounded.
    """

    def __init__(self) -> None:
        self._deaf = False

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        if not self._deaf:
            self._deaf = True
            raise KeyboardInterrupt

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Ignore signals for the few milliseconds of a swap that must not be halved."""
        before, self._deaf = self._deaf, True
        try:
            yield
        finally:
            self._deaf = before


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Handle SIGINT, SIGTERM and SIGHUP (a closed terminal) the same way.

    Outside the main thread signals cannot be handled; there this does nothing.
    """
    interruption = Interruption()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    before = {}
    try:
        for name in names:
            number = getattr(signal, name, None)
            # `nohup evidence run` asks for SIGHUP to stay ignored.
            if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                continue
            before[number] = signal.signal(number, interruption.handle)
    except ValueError:  # not in the main thread
        pass
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            # None is a handler that was not installed from Python and cannot be put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
