"""How kernels are compiled, and how compiled code is kept on disk without going stale."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit

__all__ = ["compiled"]


@cache
def _stamp() -> str:
    """Return a digest of all of this folder's code."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function when it is first called, and keep the code on disk.

    Sums may be reordered, so that they run in parallel lanes; no other rule of arithmetic is
    relaxed. numba keeps code for as long as the function's own file is unchanged, and does not
    see a change in a kernel that it calls from another file; the digest of the whole folder
    takes the place of that file's date.
    """
    options = {"nogil": True, "fastmath": {"reassoc", "nsz", "contract"}, "error_model": "numpy"}
    dispatcher = njit(cache=True, **options)(function)
    kept: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if not hasattr(kept, "_source_stamp"):
        # Another numba: compiling anew each time is slow, but stale code would be wrong.
        return njit(**options)(function)
    kept._source_stamp = _stamp()  # noqa: SLF001  numba offers no other way to set it
    return dispatcher
