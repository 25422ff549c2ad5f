"""What a report rests on, kept with it: ``manifest.json``.

It belongs to the report, so it appears with it, whole or not at all. A manifest that was
cut, edited by hand or written by another version of this program is not believed: its
last line is a hash of all the others, and its layout has a number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evidence.living.inputs import Inputs
from evidence.living.reads import Reads, hash_bytes, hash_file

__all__ = ["EXECUTED", "MANIFEST", "Entry", "Manifest", "read_manifest"]

MANIFEST = "manifest.json"
#: Folder of a report with the executed notebooks, to make pages from again.
EXECUTED = "executed"
#: Version of the layout of `manifest.json`.
LAYOUT = 1

_ABOUT = (
    "What this report rests on, as SHA-256 of contents. `evidence run` compares it with what "
    "is there and runs again what changed; nobody else needs it."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the execution of one notebook rests on.

    Attributes
    ----------
    place
        Stands for the notebook's folder, in which it ran.
    source
        Hash of the notebook as it was executed.
    seconds
        How long it took.
    reads
        What it read.
    """

    place: str
    source: str
    seconds: float
    reads: Reads


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a report rests on.

    Attributes
    ----------
    review
        The review's folder, seen from the report.
    inputs
        What all pages rest on.
    entries
        The executions, by notebook.
    pages
        What making the pages read besides: images in prose.
    outputs
        Hashes of the report's files.
    until
        The first day on which its pages would say another age of the evidence; empty where
        they tell none.
    """

    review: str
    inputs: Inputs
    entries: Mapping[str, Entry]
    pages: Reads
    outputs: Mapping[str, str]
    until: str = ""

    def to_json(self) -> str:
        """Return it as text, the same for the same manifest."""
        entries = {
            name: {
                "place": entry.place,
                "source": entry.source,
                "seconds": round(entry.seconds, 1),
                "reads": entry.reads.to_dict(),
            }
            for name, entry in self.entries.items()
        }
        content = {
            "layout": LAYOUT,
            "about": _ABOUT,
            "review": self.review,
            "inputs": asdict(self.inputs),
            "notebooks": entries,
            "pages": self.pages.to_dict(),
            "until": self.until,
            "outputs": dict(self.outputs),
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        content["whole"] = hash_bytes(text.encode())
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"

    def is_intact(self, report: Path) -> bool:
        """Tell whether every file of the report is as it was written.

        Parameters
        ----------
        report
            The report's folder.
        """
        return all(hash_file(report / name) == value for name, value in self.outputs.items())


def read_manifest(report: Path) -> Manifest | str:
    """Return the manifest of a report, or why there is none to go by.

    Parameters
    ----------
    report
        The report's folder.
    """
    try:
        text = (report / MANIFEST).read_text("utf-8")
    except FileNotFoundError:
        return "there is no earlier report" if not report.exists() else "the report has no manifest"
    except (OSError, ValueError):
        return f"{MANIFEST} of the earlier report cannot be read"
    try:
        content = json.loads(text)
        layout = content["layout"]
        if layout != LAYOUT:
            return f"{MANIFEST} has layout {layout}, and this program keeps layout {LAYOUT}"
        whole = content.pop("whole")
        if whole != hash_bytes(json.dumps(content, ensure_ascii=False, indent=1).encode()):
            return f"{MANIFEST} was changed or is damaged"
        return _manifest(content)
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{MANIFEST} is damaged"


def _manifest(content: Mapping[str, Any]) -> Manifest:
    entries = {
        name: Entry(**{**entry, "reads": _reads(entry["reads"])})
        for name, entry in content["notebooks"].items()
    }
    return Manifest(
        review=content["review"],
        inputs=Inputs(**content["inputs"]),
        entries=entries,
        pages=_reads(content["pages"]),
        outputs=content["outputs"],
        until=content["until"],
    )


def _reads(content: Mapping[str, Any]) -> Reads:
    return Reads(**{**content, "code": tuple(content.get("code", ()))})
