"""Every branch of the published flow charts, with the outcome of the chart.

A branch is written as answers by question: ``y`` stands for yes or probably yes, ``n`` for no
or probably no, ``u`` for no information. Each is tried with the certain and the probable
answer, and with everything beyond the branch left unanswered, because the chart ends there.

The charts: Sterne et al. 2019, BMJ 366:l4898, supplementary guidance of 22 August 2019.
Where a tool's file says that a chart was read second-hand, so was the branch here. The five
domains of RoB 2 were also run beside a program that is not ours (risk-of-bias by R. Luke, MIT
licence): all 82,000 combinations of answers came to the same judgement.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.data.bias_tools import bias_tool, builtin_tools, judge_domain, judge_overall

LOW, SOME, HIGH = "low", "some concerns", "high"
CODES = {"y": ("Y", "PY"), "n": ("N", "PN"), "u": ("NI",), "a": ("NA",)}

RANDOMISATION = [
    ("2n", HIGH),
    ("2u 3y", HIGH),
    ("2u 3n", SOME),
    ("2u 3u", SOME),
    ("2y 1n", SOME),
    ("2y 1y 3y", SOME),
    ("2y 1u 3y", SOME),
    ("2y 1y 3n", LOW),
    ("2y 1y 3u", LOW),
    ("2y 1u 3n", LOW),
    ("2y 1u 3u", LOW),
    # Nothing is known of any question.
    ("1u 2u 3u", SOME),
]
#: The first part of the second domain, with an analysis that suits (2.6 yes).
DEPARTURES = [
    ("1n 2n 6y", LOW),
    *[
        (f"{aware} {rest} 6y", word)
        for aware in ("1y 2n", "1n 2y", "1u 2n", "1n 2u", "1y 2y", "1u 2u")
        for rest, word in [
            ("3n", LOW),
            ("3u", SOME),
            ("3y 4n", SOME),
            ("3y 4y 5y", SOME),
            ("3y 4u 5y", SOME),
            ("3y 4y 5n", HIGH),
            ("3y 4y 5u", HIGH),
            ("3y 4u 5n", HIGH),
            ("3y 4u 5u", HIGH),
        ]
    ],
]
#: The second part, with departures at low risk.
ANALYSIS = [
    ("1n 2n 6y", LOW),
    ("1n 2n 6n 7n", SOME),
    ("1n 2n 6u 7n", SOME),
    ("1n 2n 6n 7y", HIGH),
    ("1n 2n 6n 7u", HIGH),
    ("1n 2n 6u 7y", HIGH),
    ("1n 2n 6u 7u", HIGH),
]
#: Both parts: the graver counts.
BOTH = [
    ("1y 2y 3u 6n 7n", SOME),
    ("1y 2y 3u 6n 7y", HIGH),
    ("1y 2y 3y 4y 5n 6n 7n", HIGH),
    # High in one part is high, whatever the other comes to.
    ("1y 2y 3y 4y 5n", HIGH),
    ("6n 7y", HIGH),
]
ADHERING = [
    ("1n 2n 4n 5n", LOW),
    ("1n 2n 4a 5a", LOW),
    ("1n 2n 4y 5n 6y", SOME),
    ("1n 2n 4n 5u 6y", SOME),
    ("1n 2n 4u 5n 6n", HIGH),
    ("1n 2n 4n 5y 6u", HIGH),
    *[
        (f"{aware} {rest}", word)
        for aware in ("1y 2n", "1n 2y", "1u 2n", "1n 2u")
        for rest, word in [
            ("3y 4n 5n", LOW),
            ("3a 4n 5n", LOW),
            ("3y 4a 5n", LOW),
            ("3y 4y 5n 6y", SOME),
            ("3a 4n 5u 6y", SOME),
            ("3y 4y 5n 6n", HIGH),
            ("3a 4n 5y 6u", HIGH),
            ("3n 6y", SOME),
            ("3u 6y", SOME),
            ("3n 6n", HIGH),
            ("3u 6u", HIGH),
        ]
    ],
]
MISSING = [
    ("1y", LOW),
    *[
        (f"{there} {rest}", word)
        for there in ("1n", "1u")
        for rest, word in [
            ("2y", LOW),
            ("2n 3n", LOW),
            ("2n 3y 4n", SOME),
            ("2n 3u 4n", SOME),
            ("2n 3y 4y", HIGH),
            ("2n 3y 4u", HIGH),
            ("2n 3u 4y", HIGH),
            ("2n 3u 4u", HIGH),
        ]
    ],
]
MEASUREMENT = [
    ("1y", HIGH),
    ("1n 2y", HIGH),
    ("1u 2y", HIGH),
    *[
        (f"{suits} {rest}", word)
        for suits in ("1n", "1u")
        for rest, word in [
            ("2n 3n", LOW),
            ("2n 3y 4n", LOW),
            ("2n 3u 4n", LOW),
            ("2n 3y 4y 5n", SOME),
            ("2n 3u 4u 5n", SOME),
            ("2n 3y 4y 5y", HIGH),
            ("2n 3y 4u 5u", HIGH),
            ("2u 3n", SOME),
            ("2u 3y 4n", SOME),
            ("2u 3u 4n", SOME),
            ("2u 3y 4y 5n", SOME),
            ("2u 3u 4u 5n", SOME),
            ("2u 3y 4y 5y", HIGH),
            ("2u 3u 4u 5u", HIGH),
        ]
    ],
]
SELECTION = [
    ("2y", HIGH),
    ("3y", HIGH),
    ("1y 2y 3n", HIGH),
    ("1y 2u 3y", HIGH),
    ("2u 3n", SOME),
    ("2n 3u", SOME),
    ("2u 3u", SOME),
    ("2n 3n 1n", SOME),
    ("2n 3n 1u", SOME),
    ("2n 3n 1y", LOW),
]
RECRUITMENT = [
    ("1y", LOW),
    *[
        (f"{before} {rest}", word)
        for before in ("1n", "1u")
        for rest, word in [
            ("2y", HIGH),
            ("2n 3n", LOW),
            ("2n 3u", LOW),
            ("2n 3y", SOME),
            ("2u 3n", SOME),
            ("2u 3u", SOME),
            ("2u 3y", HIGH),
        ]
    ],
]


CHARTS = [
    ("RoB 2", "randomisation", "1.", RANDOMISATION),
    ("RoB 2", "deviations", "2.", DEPARTURES + ANALYSIS + BOTH),
    ("RoB 2 adhering", "deviations", "2.", ADHERING),
    ("RoB 2", "missing-data", "3.", MISSING),
    ("RoB 2", "measurement", "4.", MEASUREMENT),
    ("RoB 2", "reported-result", "5.", SELECTION),
    ("RoB 2 cluster", "randomisation", "1a.", RANDOMISATION),
    ("RoB 2 cluster", "recruitment", "1b.", RECRUITMENT),
]


def answers_of(branch: str, prefix: str) -> Iterator[dict[str, str]]:
    """Yield a branch's answers by question, with every certain and probable answer."""
    steps = [(step[:-1], CODES[step[-1]]) for step in branch.split()]
    for codes in product(*(accepted for _, accepted in steps)):
        yield {f"{prefix}{id_}": code for (id_, _), code in zip(steps, codes, strict=True)}


@pytest.mark.parametrize(
    ("name", "id_", "prefix", "branch", "word"),
    [(*chart[:3], *branch) for chart in CHARTS for branch in chart[3]],
)
def test_a_branch_ends_where_the_chart_ends(
    name: str, id_: str, prefix: str, branch: str, word: str
) -> None:
    tool = bias_tool(name)
    domain = tool.domain(id_)
    assert domain is not None
    for answers in answers_of(branch, prefix):
        assert judge_domain(tool, domain, answers).word == word, answers


CLUSTER = [
    ("deviations", {"2.1a": "N", "2.2": "N", "2.6": "Y"}, LOW),
    ("deviations", {"2.1a": "Y", "2.1b": "N", "2.2": "N", "2.6": "Y"}, LOW),
    ("deviations", {"2.1a": "NI", "2.1b": "PN", "2.2": "N", "2.6": "Y"}, LOW),
    ("deviations", {"2.1a": "N", "2.2": "Y", "2.3": "N", "2.6": "Y"}, LOW),
    ("deviations", {"2.1a": "Y", "2.1b": "Y", "2.2": "N", "2.3": "NI", "2.6": "Y"}, SOME),
    ("deviations", {"2.1a": "N", "2.2": "Y", "2.3": "Y", "2.4": "N", "2.6": "Y"}, SOME),
    ("deviations", {"2.1a": "N", "2.2": "Y", "2.3": "Y", "2.4": "Y", "2.5": "N"}, HIGH),
    ("missing-data", {"3.1a": "Y", "3.1b": "Y"}, LOW),
    ("missing-data", {"3.1a": "N", "3.1b": "Y", "3.2": "Y"}, LOW),
    ("missing-data", {"3.1a": "Y", "3.1b": "NI", "3.2": "N", "3.3": "N"}, LOW),
    ("missing-data", {"3.1a": "N", "3.1b": "N", "3.2": "N", "3.3": "Y", "3.4": "N"}, SOME),
    ("missing-data", {"3.1a": "N", "3.1b": "N", "3.2": "N", "3.3": "NI", "3.4": "NI"}, HIGH),
    ("measurement", {"4.1": "N", "4.2": "N", "4.3a": "N"}, LOW),
    ("measurement", {"4.1": "N", "4.2": "N", "4.3a": "Y", "4.3b": "N"}, LOW),
    ("measurement", {"4.1": "N", "4.2": "NI", "4.3a": "N"}, SOME),
    ("measurement", {"4.1": "N", "4.2": "N", "4.3a": "Y", "4.3b": "Y", "4.4": "N"}, LOW),
    ("measurement", {"4.1": "N", "4.2": "NI", "4.3a": "Y", "4.3b": "Y", "4.4": "N"}, SOME),
    (
        "measurement",
        {"4.1": "N", "4.2": "N", "4.3a": "NI", "4.3b": "NI", "4.4": "NI", "4.5": "N"},
        SOME,
    ),
    (
        "measurement",
        {"4.1": "N", "4.2": "N", "4.3a": "NI", "4.3b": "NI", "4.4": "NI", "4.5": "NI"},
        HIGH,
    ),
    ("reported-result", {"5.1": "Y", "5.2": "N", "5.3": "N"}, LOW),
]


@pytest.mark.parametrize(("domain", "answers", "word"), CLUSTER)
def test_where_clusters_differ_from_parallel_groups(
    domain: str, answers: dict[str, str], word: str
) -> None:
    tool = bias_tool("RoB 2 cluster")
    asked = tool.domain(domain)
    assert asked is not None
    assert judge_domain(tool, asked, answers).word == word


def test_a_first_period_alone_for_carryover_is_a_selected_result() -> None:
    tool = bias_tool("RoB 2 crossover")
    asked = tool.domain("reported-result")
    assert asked is not None
    fine = {"5.1": "Y", "5.2": "N", "5.3": "N", "5.4": "N"}
    assert judge_domain(tool, asked, fine).word == LOW
    assert judge_domain(tool, asked, fine | {"5.4": "NI"}).word == SOME
    assert judge_domain(tool, asked, fine | {"5.4": "PY"}).word == HIGH


@pytest.mark.parametrize(
    ("tool", "domain"),
    [("RoB 2 crossover", "period-carryover"), ("RoB 1", "sequence"), ("ROBINS-I", "confounding")],
)
def test_where_there_is_no_chart_nothing_is_concluded(tool: str, domain: str) -> None:
    found = bias_tool(tool)
    asked = found.domain(domain)
    assert asked is not None
    answers = {question.id: "Y" for question in asked.questions}
    assert not judge_domain(found, asked, answers).word


def test_quadas_says_low_where_every_answer_is_yes_and_nothing_else() -> None:
    tool = bias_tool("QUADAS-2")
    for domain in tool.bias_domains:
        yes = {question.id: "Y" for question in domain.questions}
        assert judge_domain(tool, domain, yes).word == LOW
        for question in domain.questions:
            for code in "NU":
                assert not judge_domain(tool, domain, yes | {question.id: code}).word


@pytest.mark.parametrize(
    ("tool", "words", "overall"),
    [
        ("RoB 2", [LOW] * 5, LOW),
        ("RoB 2", [LOW] * 4 + [SOME], SOME),
        # Whether several concerns amount to high is left to the reviewers.
        ("RoB 2", [SOME] * 5, SOME),
        ("RoB 2", [LOW] * 4 + [HIGH], HIGH),
        ("RoB 2", [SOME] * 4 + [HIGH], HIGH),
        ("RoB 2", ["no information"] * 4 + [HIGH], HIGH),
        ("RoB 2", ["no information"] + [LOW] * 4, "no information"),
        ("RoB 2", ["no information"] + [SOME] * 4, "no information"),
        ("RoB 1", [LOW] * 7, LOW),
        ("RoB 1", [LOW] * 6 + ["unclear"], "unclear"),
        ("RoB 1", ["unclear"] * 6 + [HIGH], HIGH),
        ("ROBINS-I", [LOW] * 7, LOW),
        ("ROBINS-I", [LOW] * 6 + ["moderate"], "moderate"),
        ("ROBINS-I", ["moderate"] * 6 + ["serious"], "serious"),
        ("ROBINS-I", ["serious"] * 6 + ["critical"], "critical"),
        ("ROBINS-I", ["moderate"] * 6 + ["no information"], "no information"),
        ("ROBINS-I", ["serious"] + ["no information"] * 6, "serious"),
        ("QUADAS-2", [LOW] * 4, LOW),
        ("QUADAS-2", [LOW] * 3 + ["unclear"], "at risk"),
        ("QUADAS-2", [LOW] * 3 + [HIGH], "at risk"),
        ("QUADAS-2", [LOW] * 3 + ["no information"], "no information"),
    ],
)
def test_overall(tool: str, words: list[str], overall: str) -> None:
    assert judge_overall(bias_tool(tool), words) == overall


# ---------------------------------------------------------------- of every tool

CHARTED = [
    (name, domain.id)
    for name, tool in builtin_tools().items()
    for domain in tool.domains
    if domain.rules and name != "QUADAS-2"
]
#: Questions to which yes is the better answer.
BETTER_YES = {
    "1.1", "1.2", "1a.1", "1a.2", "1b.1", "2.5", "2.6", "3.1", "3.1a", "3.1b", "3.2", "5.1",
}  # fmt: skip


@given(data=st.data())
@pytest.mark.parametrize(("name", "id_"), CHARTED)
def test_complete_answers_always_come_to_a_judgement(
    name: str, id_: str, data: st.DataObject
) -> None:
    tool = bias_tool(name)
    domain = tool.domain(id_)
    assert domain is not None
    answers = {
        q.id: data.draw(st.sampled_from([code for code in q.answers if code != "NA"]))
        for q in domain.questions
    }
    assert judge_domain(tool, domain, answers).word in tool.words


@given(data=st.data())
@pytest.mark.parametrize(("name", "id_"), CHARTED)
def test_a_worse_answer_never_leads_to_a_better_judgement(
    name: str, id_: str, data: st.DataObject
) -> None:
    """From yes over no information to no, or the other way round where no is better."""
    tool = bias_tool(name)
    domain = tool.domain(id_)
    assert domain is not None
    answers = {
        q.id: data.draw(st.sampled_from([code for code in q.answers if code != "NA"]))
        for q in domain.questions
    }
    question = data.draw(st.sampled_from(domain.questions))
    order = ["Y", "PY", "NI", "PN", "N"]
    # In the chart of adhering 2.3 asks for balance, and 2.5 for departures.
    better_yes = question.id in BETTER_YES
    if "adhering" in name and question.id in ("2.3", "2.5"):
        better_yes = question.id == "2.3"
    if not better_yes:
        order.reverse()
    order = [code for code in order if code in question.answers]
    ranks = [
        tool.severity(judge_domain(tool, domain, answers | {question.id: code}).word)
        for code in order
    ]
    assert ranks == sorted(ranks)


@given(data=st.data())
@pytest.mark.parametrize("name", list(builtin_tools()))
def test_a_graver_domain_never_makes_the_whole_milder(name: str, data: st.DataObject) -> None:
    tool = bias_tool(name)
    words = [word for word in tool.words if word not in ("no information", "at risk")]
    found = [data.draw(st.sampled_from(words)) for _ in tool.bias_domains]
    place = data.draw(st.integers(0, len(found) - 1))
    ranks = []
    for word in words:
        found[place] = word
        ranks.append(tool.severity(judge_overall(tool, found)))
    assert ranks == sorted(ranks)


@given(data=st.data())
@pytest.mark.parametrize(("name", "id_"), CHARTED)
def test_nothing_is_concluded_that_a_missing_answer_could_change(
    name: str, id_: str, data: st.DataObject
) -> None:
    tool = bias_tool(name)
    domain = tool.domain(id_)
    assert domain is not None
    codes = {q.id: [code for code in q.answers if code != "NA"] for q in domain.questions}
    full = {id_: data.draw(st.sampled_from(accepted)) for id_, accepted in codes.items()}
    kept = data.draw(st.sets(st.sampled_from(sorted(full))))
    some = {id_: full[id_] for id_ in kept}
    early = judge_domain(tool, domain, some)
    if early.word:
        assert judge_domain(tool, domain, full).word == early.word
    else:
        assert early.missing
        assert not set(early.missing) & set(some)


@pytest.mark.parametrize("name", list(builtin_tools()))
def test_every_tool_says_what_it_is_and_how_it_was_read(name: str) -> None:
    tool = bias_tool(name)
    assert tool.citation
    assert tool.read_in.endswith(".")
    assert [judgement.severity for judgement in tool.judgements] == sorted(
        judgement.severity for judgement in tool.judgements
    )
    assert len({domain.short for domain in tool.domains}) == len(tool.domains)
    # Questions are told in few words of our own.
    assert all(len(q.text.split()) <= 16 for domain in tool.domains for q in domain.questions)
