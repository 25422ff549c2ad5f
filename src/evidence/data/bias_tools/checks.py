"""What judgements and answers of risk of bias must say: words of the tool that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from evidence.data.bias_tools.tool import OVERALL, BiasTool, Domain
from evidence.data.problems import Problem

if TYPE_CHECKING:
    from evidence.data.csv_file import CsvFile, Row

__all__ = ["check_bias"]


def check_bias(
    files: Mapping[str, CsvFile], tools: Mapping[str, BiasTool], *, whole: bool = True
) -> list[Problem]:
    """Check that tools, domains, questions, judgements and answers are those of a tool.

    Parameters
    ----------
    files
        What was read from the CSV files, by table name.
    tools
        The tools that the review knows, by name.
    whole
        Whether these are all; a tool whose file is broken has problems of its own.
    """
    return [
        *_check(files["risk_of_bias"], "risk_of_bias.csv", tools, whole),
        *_check(files["signalling_answers"], "signalling_answers.csv", tools, whole),
    ]


def _check(
    file: CsvFile, name: str, tools: Mapping[str, BiasTool], whole: bool
) -> Iterator[Problem]:
    for row in file.rows:
        if not row["tool"]:
            continue
        tool = tools.get(row["tool"])
        if tool is None:
            if whole:
                message = "there is no such tool."
                yield _problem(
                    name, row, "tool", message, list(tools), "Add it as tools/NAME.toml."
                )
        elif name == "risk_of_bias.csv":
            yield from _check_judgement(name, row, tool)
        else:
            yield from _check_answer(name, row, tool)


def _check_judgement(name: str, row: Row, tool: BiasTool) -> Iterator[Problem]:
    if row["domain"] and row["domain"].lower() != OVERALL and tool.domain(row["domain"]) is None:
        known = [*(domain.id for domain in tool.domains), OVERALL]
        yield _problem(name, row, "domain", f"{tool.name} has no such domain.", known)
    if row["judgement"] and row["judgement"] not in tool.words:
        message = f"{tool.name} has no such judgement."
        yield _problem(name, row, "judgement", message, list(tool.words))


def _check_answer(name: str, row: Row, tool: BiasTool) -> Iterator[Problem]:
    if not row["domain"]:
        return
    domain = tool.domain(row["domain"])
    asking = [one.id for one in tool.domains if one.questions]
    if domain is None:
        yield _problem(name, row, "domain", f"{tool.name} has no such domain.", asking)
    elif not domain.questions:
        message = f"{tool.name} asks no questions in this domain."
        advice = "Record the judgement in risk_of_bias.csv instead."
        yield Problem(name, row.line, "domain", message, row["domain"], ", ".join(asking), advice)
    elif row["question"]:
        yield from _check_question(name, row, tool, domain)


def _check_question(name: str, row: Row, tool: BiasTool, domain: Domain) -> Iterator[Problem]:
    question = domain.question(row["question"])
    if question is None:
        known = [one.id for one in domain.questions]
        message = f"this domain of {tool.name} has no such question."
        yield _problem(name, row, "question", message, known)
    elif row["answer"] and row["answer"] not in question.answers:
        meanings = [f"{code} ({tool.answers[code]})" for code in question.answers]
        message = "the question takes no such answer."
        near = [code for code in question.answers if tool.answers[code] == row["answer"].lower()]
        advice = f"Did you mean {near[0]!r}?" if near else ""
        yield _problem(name, row, "answer", message, meanings, advice)


def _problem(
    file: str, row: Row, column: str, message: str, known: list[str], advice: str = ""
) -> Problem:
    near = get_close_matches(row[column].lower(), [one.lower() for one in known], n=1, cutoff=0.6)
    if near and column != "answer":
        right = next(one for one in known if one.lower() == near[0])
        advice = f"Did you mean {right!r}?"
    return Problem(file, row.line, column, message, row[column], ", ".join(known), advice)
