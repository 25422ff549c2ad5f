"""How kernels are compiled, and how compiled code is kept on disk without going stale."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit

__all__ = ["compiled", "compiled_strictly"]


@cache
def _stamp() -> str:
    """Return a digest of the code of every kernel, wherever it lies."""
    digest = sha256()
    folder = Path(__file__).parent
    for path in sorted({*folder.glob("*.py"), *folder.parent.rglob("*kernel*.py")}):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _compile(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    dispatcher = njit(cache=True, **options)(function)
    kept: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if not hasattr(kept, "_source_stamp"):
        # Another numba: compiling anew each time is slow, but stale code would be wrong.
        return njit(**options)(function)
    kept._source_stamp = _stamp()  # noqa: SLF001  numba offers no other way to set it
    return dispatcher


def compiled_strictly(function: Callable[..., Any]) -> Any:
    """Compile a function when it is first called, and keep the code on disk.

    numba keeps code for as long as the function's own file is unchanged, and does not see a
    change in a kernel that it calls from another file; the digest of all kernels takes the
    place of that file's date.
    """
    return _compile(function, {"nogil": True, "error_model": "numpy"})


def compiled(function: Callable[..., Any]) -> Any:
    """Compile as `compiled_strictly` does, for sums that may be reordered.

    Reordering lets them run in parallel lanes; no other rule of arithmetic is relaxed.
    """
    fastmath = {"reassoc", "nsz", "contract"}
    return _compile(function, {"nogil": True, "error_model": "numpy", "fastmath": fastmath})
