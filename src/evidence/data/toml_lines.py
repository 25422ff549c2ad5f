"""On which line of a TOML file a key stands, which the standard parser does not tell."""

from __future__ import annotations

import re

__all__ = ["TomlLines"]

_HEAD = re.compile(r"[ \t]*(\[\[?)([^\[\]\n#]+)\]")
_KEY = re.compile(r"[ \t]*((?:[A-Za-z0-9_-]+|\"[^\"\n]*\"|'[^'\n]*')(?:[ \t]*\.[^=\n]*)?)[ \t]*=")
#: What matters behind the equals sign: strings, comments, brackets and line ends.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""+'
    r"|'''.*?'''+"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*|[\[\]{}\n]",
    re.DOTALL,
)


class TomlLines:
    """Finds the line of a key, so that a problem can say where it stands.

    Parameters
    ----------
    text
        A TOML file that parses, with plain line feeds.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, int, str], int] = {}
        section, index = "", 0
        counts: dict[str, int] = {}
        at, line = 0, 1
        while at < len(text):
            head, key = _HEAD.match(text, at), _KEY.match(text, at)
            if head:
                section = _name(head[2])
                index = counts.get(section, -1) + 1
                counts[section] = index
                self._lines.setdefault((section, index, ""), line)
            elif key:
                self._lines.setdefault((section, index, _name(key[1]).split(".")[0]), line)
            after = _end_of_statement(text, head.end() if head else key.end() if key else at)
            line += text.count("\n", at, after)
            at = after

    def of(self, key: str, section: str = "", index: int = 0) -> int:
        """Return the line of a key, or else of its section, or else 0.

        Parameters
        ----------
        key
            The key; empty for the section itself.
        section
            The section it stands in; empty for the top of the file.
        index
            Which of the sections of this name, counted from 0.
        """
        inline = ("", 0, section)  # a section written as `section = {...}` or `[{...}]`
        for place in ((section, index, key), (section, index, ""), inline):
            if place in self._lines:
                return self._lines[place]
        return self._lines.get((key, 0, ""), 0) if not section else 0


def _name(text: str) -> str:
    return text.strip().strip("\"'")


def _end_of_statement(text: str, at: int) -> int:
    """Return where the line after this statement starts, past lists and long strings."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        match token[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case "\n" if depth <= 0:
                return token.end()
    return len(text)
