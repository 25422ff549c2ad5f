"""Reading and checking the file of one tool."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from evidence.data.bias_tools.tool import (
    CONCERNS,
    FACT_KINDS,
    NO_INFORMATION,
    OVERALL,
    BiasTool,
    Domain,
    Judgement,
    OverallRule,
    Question,
    Rule,
)
from evidence.data.problems import Problem
from evidence.data.text_file import decode
from evidence.data.toml_lines import TomlLines
from evidence.errors import did_you_mean

__all__ = ["ToolFile", "read_tool"]

_TOP = {
    "name": str, "title": str, "version": str, "citation": str, "read_in": str, "note": str,
    "based_on": str, "answers": dict, "groups": dict, "judgements": list, "domains": list,
    "overall": list,
}  # fmt: skip
_JUDGEMENT = {"word": str, "meaning": str, "severity": int, "concern": str, "sign": str}
_DOMAIN = {
    "id": str, "name": str, "short": str, "about": str, "after": str, "facts": list,
    "questions": list, "rules": list,
}  # fmt: skip
_QUESTION = {"id": str, "text": str, "answers": list}
_RULE = {"judgement": str, "all": dict, "any": dict, "part": str}
_OVERALL = {"judgement": str, "all": list, "any": list}
_KINDS = {str: "text", int: "a whole number", list: "a list", dict: "a table"}
_ABOUT = ("bias", "applicability")
#: Letters that a cell of a figure, and the head of a column, have room for.
_LONGEST_SIGN, _LONGEST_HEAD = 3, 4


@dataclass(frozen=True, slots=True)
class ToolFile:
    """What was read from the file of a tool.

    Attributes
    ----------
    tool
        None where anything is wrong.
    problems
        Everything that is wrong with it.
    """

    tool: BiasTool | None = None
    problems: tuple[Problem, ...] = ()


def read_tool(raw: bytes, file: str, known: Mapping[str, BiasTool]) -> ToolFile:
    """Read and check the file of one tool.

    Parameters
    ----------
    raw
        The content of the file.
    file
        Its name, for problems.
    known
        Tools that it may be based on, by name.

    Returns
    -------
    ToolFile
    """
    text, problems = decode(raw, file, holds="a tool for risk of bias")
    if problems:
        return ToolFile(problems=tuple(problems))
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        message = f"the file cannot be read as TOML: {error}."
        advice = "Compare it with a tool of the package, for example src/evidence/data/bias_tools."
        return ToolFile(problems=(Problem(file, 0, "", message, advice=advice),))
    reader = _Reader(file, TomlLines(text), known)
    tool = reader.tool(content)
    return ToolFile(None if reader.problems else tool, tuple(reader.problems))


@dataclass
class _Reader:
    """Reads a parsed file, keeping a list of what is wrong with it."""

    file: str
    lines: TomlLines
    known: Mapping[str, BiasTool]
    problems: list[Problem] = field(default_factory=list)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def wrong(self, where: tuple[str, int], key: str, message: str, *more: str) -> None:
        """Note a problem: found, accepted and advice may follow."""
        section, index = where
        name = ".".join(
            part for part in (f"{section}[{index + 1}]" if section else "", key) if part
        )
        line = self.lines.of(key, section, index)
        self.problems.append(Problem(self.file, line, name, message, *more))

    def next(self, section: str) -> tuple[str, int]:
        """Return the place of the next entry of a section."""
        index = self.counts.get(section, -1) + 1
        self.counts[section] = index
        return section, index

    def fields(
        self, entry: Any, kinds: Mapping[str, type], needed: tuple[str, ...], where: tuple[str, int]
    ) -> dict[str, Any] | None:
        """Return an entry whose keys are known, there and of the right kind, or None."""
        if not isinstance(entry, dict):
            self.wrong(where, "", "this is not a table with keys.", str(entry), ", ".join(kinds))
            return None
        before = len(self.problems)
        for key, value in entry.items():
            if key not in kinds:
                advice = did_you_mean(key, kinds)
                self.wrong(where, key, "there is no such key.", key, ", ".join(kinds), advice)
            elif type(value) is not kinds[key]:
                self.wrong(
                    where, key, "this is of the wrong kind.", repr(value), _KINDS[kinds[key]]
                )
        for key in needed:
            if key not in entry:
                self.wrong(where, key, "the key is missing.", "", _KINDS[kinds[key]], "Add it.")
            elif entry[key] in ("", [], {}):
                self.wrong(where, key, "this is empty and must not be.", "", _KINDS[kinds[key]])
        return None if len(self.problems) > before else entry

    def words(self, found: Any, accepted: Any, where: tuple[str, int], key: str, what: str) -> None:
        """Note every word of a list that is not among the accepted ones."""
        for word in found:
            if not isinstance(word, str) or word not in accepted:
                self.wrong(
                    where, key, f"there is no such {what}.", str(word), ", ".join(accepted),
                    did_you_mean(str(word), accepted),
                )  # fmt: skip

    def tool(self, content: dict[str, Any]) -> BiasTool | None:
        top = self.fields(content, _TOP, ("name", "citation", "domains"), ("", 0))
        if top is None:
            return None
        base = self._base(top)
        if base is None and top.get("based_on"):
            return None
        answers = self._answers(top, base)
        judgements = self._judgements(top, base)
        words = [judgement.word for judgement in judgements]
        domains = self._domains(top["domains"], base, answers, words)
        overall = self._overall(top, base, words)
        return BiasTool(
            name=top["name"],
            title=top.get("title", top["name"]),
            version=top.get("version", ""),
            citation=top["citation"],
            read_in=top.get("read_in", ""),
            note=top.get("note", base.note if base else ""),
            answers=answers,
            judgements=judgements,
            domains=domains,
            overall=overall,
        )

    def _base(self, top: dict[str, Any]) -> BiasTool | None:
        name = top.get("based_on")
        if name is None:
            return None
        if name not in self.known:
            advice = did_you_mean(name, self.known)
            accepted = ", ".join(self.known)
            self.wrong(("", 0), "based_on", "there is no such tool.", name, accepted, advice)
        return self.known.get(name)

    def _answers(self, top: dict[str, Any], base: BiasTool | None) -> dict[str, str]:
        answers = dict(base.answers) if base else {}
        answers.update({str(code): str(text) for code, text in top.get("answers", {}).items()})
        groups = top.get("groups", _GROUPS if base else {})
        for name, codes in groups.items():
            if not isinstance(codes, list):
                self.wrong(("groups", 0), name, "this is of the wrong kind.", repr(codes), "a list")
                continue
            self.words(codes, answers, ("groups", 0), name, "answer")
            self.groups[name] = tuple(map(str, codes))
        return answers

    def _judgements(self, top: dict[str, Any], base: BiasTool | None) -> tuple[Judgement, ...]:
        if "judgements" not in top:
            if base is None:
                message = "the tool has no words to judge with."
                self.wrong(("", 0), "judgements", message, "", "[[judgements]], one for each word")
            return base.judgements if base else ()
        found: list[Judgement] = []
        for entry in top["judgements"]:
            where = self.next("judgements")
            one = self.fields(entry, _JUDGEMENT, ("word", "severity", "concern", "sign"), where)
            if one is None:
                continue
            self.words([one["concern"]], CONCERNS, where, "concern", "concern")
            if one["word"] in (NO_INFORMATION, OVERALL, *(other.word for other in found)):
                self.wrong(where, "word", "this word is taken.", one["word"], "another word")
            if any(other.severity == one["severity"] for other in found):
                message = "two words have the same rank."
                self.wrong(where, "severity", message, str(one["severity"]), "a rank of its own")
            if len(one["sign"]) > _LONGEST_SIGN:
                accepted = f"at most {_LONGEST_SIGN} letters"
                self.wrong(where, "sign", "a figure has no room for this.", one["sign"], accepted)
            found.append(Judgement(**{"meaning": one["word"], **one}))
        return tuple(sorted(found, key=lambda judgement: judgement.severity))

    def _domains(
        self, entries: list[Any], base: BiasTool | None, answers: dict[str, str], words: list[str]
    ) -> tuple[Domain, ...]:
        domains = list(base.domains) if base else []
        own: set[str] = set()
        for entry in entries:
            where = self.next("domains")
            one = self.fields(entry, _DOMAIN, ("id", "name", "short"), where)
            if one is None:
                # Its questions are counted, so that those of later domains have their lines.
                for name in ("questions", "rules"):
                    for _ in entry.get(name, ()) if isinstance(entry, dict) else ():
                        self.next(f"domains.{name}")
                continue
            domain = self._domain(one, where, answers, words)
            if domain.id in own or domain.id.lower() == OVERALL:
                self.wrong(where, "id", "this name is taken.", domain.id, "a name of its own")
            own.add(domain.id)
            ids = [other.id for other in domains]
            if domain.id in ids:
                domains[ids.index(domain.id)] = domain
            elif "after" in one:
                self.words([one["after"]], ids, where, "after", "domain")
                place = ids.index(one["after"]) + 1 if one["after"] in ids else len(ids)
                domains.insert(place, domain)
            else:
                domains.append(domain)
        return tuple(domains)

    def _domain(
        self, one: dict[str, Any], where: tuple[str, int], answers: dict[str, str], words: list[str]
    ) -> Domain:
        about = one.get("about", _ABOUT[0])
        self.words([about], _ABOUT, where, "about", "kind of domain")
        self.words(one.get("facts", ()), FACT_KINDS, where, "facts", "kind of facts")
        if len(one["short"]) > _LONGEST_HEAD:
            accepted = f"at most {_LONGEST_HEAD} letters"
            self.wrong(where, "short", "a figure has no room for this.", one["short"], accepted)
        questions = [
            question
            for entry in one.get("questions", ())
            if (question := self._question(entry, answers)) is not None
        ]
        domain = Domain(
            one["id"], one["name"], one["short"], about,
            tuple(map(str, one.get("facts", ()))), tuple(questions),
        )  # fmt: skip
        rules = [self._rule(entry, domain, words) for entry in one.get("rules", ())]
        return replace(domain, rules=tuple(rule for rule in rules if rule is not None))

    def _question(self, entry: Any, answers: dict[str, str]) -> Question | None:
        where = self.next("domains.questions")
        one = self.fields(entry, _QUESTION, ("id", "text", "answers"), where)
        if one is None:
            return None
        self.words(one["answers"], answers, where, "answers", "answer")
        return Question(one["id"], one["text"], tuple(map(str, one["answers"])))

    def _rule(self, entry: Any, domain: Domain, words: list[str]) -> Rule | None:
        where = self.next("domains.rules")
        one = self.fields(entry, _RULE, ("judgement",), where)
        if one is None:
            return None
        self.words([one["judgement"]], words, where, "judgement", "judgement")
        if not one.get("all") and not one.get("any"):
            message = "the rule has no condition, so it would always hold."
            self.wrong(where, "judgement", message, "", "all = {...} or any = {...}")
        every = self._conditions(one.get("all", {}), domain, where, "all")
        some = self._conditions(one.get("any", {}), domain, where, "any")
        return Rule(one["judgement"], every, some, one.get("part", ""))

    def _conditions(
        self, wanted: dict[str, Any], domain: Domain, where: tuple[str, int], key: str
    ) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for id_, names in wanted.items():
            question = domain.question(id_)
            if question is None:
                self.words([id_], [q.id for q in domain.questions], where, key, "question")
                continue
            if not isinstance(names, list):
                self.wrong(where, key, "this is of the wrong kind.", repr(names), "a list")
                continue
            self.words(names, [*self.groups, *question.answers], where, key, "answer")
            codes = [code for name in names for code in self.groups.get(str(name), (str(name),))]
            found[id_] = tuple(code for code in codes if code in question.answers)
        return found

    def _overall(
        self, top: dict[str, Any], base: BiasTool | None, words: list[str]
    ) -> tuple[OverallRule, ...]:
        if "overall" not in top:
            return base.overall if base else ()
        found: list[OverallRule] = []
        accepted = (*words, NO_INFORMATION)
        for entry in top["overall"]:
            where = self.next("overall")
            one = self.fields(entry, _OVERALL, ("judgement",), where)
            if one is None:
                continue
            self.words([one["judgement"]], accepted, where, "judgement", "judgement")
            for key in ("all", "any"):
                self.words(one.get(key, ()), accepted, where, key, "judgement")
            if not one.get("all") and not one.get("any"):
                message = "the rule has no condition, so it would always hold."
                self.wrong(where, "judgement", message, "", "all = [...] or any = [...]")
            every, some = (tuple(map(str, one.get(key, ()))) for key in ("all", "any"))
            found.append(OverallRule(one["judgement"], every, some))
        return tuple(found)


#: The names that the tools of the package give to answers that are taken alike.
_GROUPS = {"yes": ["Y", "PY"], "no": ["N", "PN"], "unknown": ["NI"]}
