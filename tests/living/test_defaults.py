"""The table of defaults is the code's, every row has a reason and a reference; methods likewise."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import takewhile
from pathlib import Path

import pytest

from evidence.data import load_review
from evidence.errors import InvalidArgumentError, UnknownNameError
from evidence.living.methods import (
    Default,
    MethodsTable,
    list_defaults,
    list_methods,
    planned_methods,
    probes,
)
from evidence.living.methods.catalogue import KINDS, read_references
from evidence.living.methods.defaults import OWN, STAGES, read_source
from evidence.synthesis import pool
from evidence.synthesis.bayes.priors import HalfNormal
from evidence.synthesis.intervals.prediction import t_prediction
from evidence.synthesis.result import CI_NAMES
from evidence.synthesis.tau2 import TAU2_NAMES

DEFAULTS = list_defaults().defaults
NAMED = [one for one in DEFAULTS if isinstance(one.source, str)]


def name_of(default: Default) -> str:
    return default.concerns


# ---------------------------------------------------------------- values


def one_by_one(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Take ``A, B = 1, 2`` apart."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def written(default: Default) -> ast.expr:
    """Find in a module's source text the expression that a default is written as."""
    module, path, argument = re.fullmatch(
        r"([\w.]+):([\w.]+)(?:\((\w+)\))?", default.source
    ).groups()
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    name, *fields = path.split(".")
    body = {
        target.id: value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for given in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for target, value in one_by_one(given, node.value)
        if isinstance(target, ast.Name)
    }
    things = {
        node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    if argument is None and not fields:
        return body[name]
    if fields:  # an instance of a dataclass of the same module, made without arguments
        call = body[name]
        assert isinstance(call, ast.Call)
        assert call.args == call.keywords == [], "its fields would not be the class's own"
        thing, argument = things[call.func.id], fields[0]
    else:
        thing = things[name]
    if isinstance(thing, ast.ClassDef):
        return next(
            node.value for node in thing.body
            if isinstance(node, ast.AnnAssign) and node.target.id == argument
        )  # fmt: skip
    taken = thing.args
    positional = dict(
        zip(
            [one.arg for one in taken.args][len(taken.args) - len(taken.defaults) :],
            taken.defaults,
            strict=True,
        )
    )
    keyword = dict(zip([one.arg for one in taken.kwonlyargs], taken.kw_defaults, strict=True))
    return {**positional, **keyword}[argument]


@pytest.mark.parametrize("default", NAMED, ids=name_of)
def test_every_value_is_what_stands_in_the_source_text(default: Default) -> None:
    expression = written(default)
    module = importlib.import_module(default.source.partition(":")[0])
    evaluated = eval(compile(ast.Expression(expression), "<source>", "eval"), vars(module))
    assert evaluated == default.value
    assert type(evaluated) is type(default.value)


def test_a_changed_default_changes_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    from evidence.appraisal.certainty import information_size

    monkeypatch.setattr(information_size, "FALLBACK_PEOPLE", 4321)
    row = list_defaults()["certainty: people wanted where no size can be worked out"]
    assert row.value == 4321
    assert row.shown == "4,321"
    monkeypatch.setattr(pool, "__kwdefaults__", {**pool.__kwdefaults__, "ci_method": "Wald"})
    assert list_defaults()["confidence interval of the mean"].value == "Wald"


def test_what_is_found_by_running_is_what_the_results_do() -> None:
    three, two = pool([0.1, 0.9, 0.4], [0.1] * 3), pool([0.1, 0.9], [0.1] * 2)
    assert probes.prediction_fewest() == 3
    assert three.has_prediction
    assert not two.has_prediction
    # The row of degrees of freedom speaks of `t_prediction`; a pooled result does the same,
    # with the standard error of its own interval.
    wald = pool([0.1, 0.9, 0.4], [0.1] * 3, ci_method="Wald")
    found = t_prediction([0.1, 0.9, 0.4], [0.1] * 3, tau2=wald.tau2)
    assert wald.prediction_interval == pytest.approx((found.low, found.high))
    assert "few-studies" in {c.code for c in pool([0.1] * 4, [0.1] * 4).cautions}
    assert "few-studies" not in {c.code for c in pool([0.1] * 5, [0.1] * 5).cautions}
    assert probes.few_studies_most() == 4
    assert probes.tau2_interval() == "Q-profile"
    assert probes.influence_cutoffs() == (
        "residual 1.96, DFFITS 1, Cook's distance 0.455, hat value 0.3, DFBETAS 1"
    )
    assert "exact correction" in probes.smd_formula()
    assert probes.half_units_of_rounding() == 0.5
    assert probes.contradiction_tolerance() == 0.0


def test_the_decisions_that_every_reader_asks_for_are_there() -> None:
    table = list_defaults()
    assert table["estimator of tau²"].value == "REML"
    assert table["confidence interval of the mean"].value == "HKSJ-adhoc"
    assert table["level of confidence and prediction intervals"].value == 0.95
    assert table["degrees of freedom of the prediction interval"].value == "k-2"
    assert table["prior of tau"].value == HalfNormal(0.5)
    assert table["prior of tau"].shown == "half-normal(0.5)"
    assert table["prior of the mean effect"].shown == "none (flat)"
    assert table["cluster-robust variance"].value == "CR2"
    assert table["number added to the cells of a study with an empty one"].value == 0.5
    assert table["fewest studies for a test of funnel plot asymmetry"].value == 10
    assert table["p below which asymmetry is said to be seen"].value == 0.10
    assert table["cut-points of a step selection model, one-sided"].value == (0.025,)
    assert table["combination of p values"].value == "fisher"
    assert table["most studies of which every subset is pooled"].shown == "25 studies"
    assert "REML, PM, DL" in table["multiverse: how differences between trials are modelled"].shown
    # How often intervals hold the truth is in the simulation's table, and read there.
    clone = Path(__file__).parents[2]
    (named,) = re.findall(r"\(([\w/.]+\.md)\)", table["confidence interval of the mean"].reason)
    assert "Percent of 95% intervals" in (clone / named).read_text("utf-8")


# ---------------------------------------------------------------- reasons and references


@pytest.mark.parametrize("default", DEFAULTS, ids=name_of)
def test_every_row_has_a_reason_and_a_reference_or_is_marked(default: Default) -> None:
    assert default.stage in STAGES
    assert default.reason.endswith(".")
    assert default.reason[0].isupper()
    assert default.shown.strip()
    assert default.own or default.reference
    assert default.basis.startswith(OWN) == default.own
    if not default.own:
        cited = re.search(r"(18|19|20)\d\d", default.reference)
        assert cited or "Handbook, section" in default.reference


def test_each_row_stands_there_once() -> None:
    names = [one.concerns for one in DEFAULTS]
    assert len(names) == len(set(names))
    sources = [one.source for one in DEFAULTS]
    assert len(sources) == len(set(sources))


def test_constants_that_call_themselves_a_choice_are_marked_as_one() -> None:
    """Where the code says that a figure is its own, the table must not say otherwise."""
    for one in NAMED:
        module, _, path = one.source.partition(":")
        lines = inspect.getsource(importlib.import_module(module)).splitlines()
        name = path.split("(")[0].split(".")[-1]
        for number, line in enumerate(lines):
            if line.startswith((f"{name} =", f"{name}:")):
                comment = takewhile(lambda text: text.startswith("#:"), reversed(lines[:number]))
                said = " ".join(comment)
                if "this module's choice" in said or "choice of this module" in said:
                    assert one.own, one.concerns


# ---------------------------------------------------------------- reading the code


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nonsense", "names no place"),
        ("evidence.synthesis.pool:nothing(x)", "has no 'nothing'"),
        ("evidence.synthesis.pool:pool(effects)", "no argument 'effects' with a default"),
        ("evidence.synthesis.pool:pool(colour)", "no argument 'colour'"),
        ("evidence.appraisal.certainty:GONE", "has no 'GONE'"),
    ],
)
def test_a_place_that_is_not_there_is_an_error(source: str, words: str) -> None:
    with pytest.raises(UnknownNameError, match=words):
        read_source(source)


def test_values_are_shown_as_people_write_them() -> None:
    base = Default("data", "x", lambda: None, "Why.", own=True)
    shown = {
        None: "none",
        True: "yes",
        False: "no",
        0.05: "0.05",
        10000: "10,000",
        1 / 3: "0.333",
        "REML": "REML",
        (0.0, 0.3): "0, 0.3",
        HalfNormal(2.0): "half-normal(2)",
    }
    for value, text in shown.items():
        assert replace(base, source=lambda value=value: value).shown == text
    assert replace(base, unit="of it").shown == "none of it"
    assert base.where == "found by running it"


def test_one_stage_alone_and_an_unknown_one() -> None:
    for stage in STAGES:
        assert {one.stage for one in list_defaults(stage).defaults} == {stage}
    with pytest.raises(InvalidArgumentError, match="Did you mean 'synthesis'"):
        list_defaults("syntesis")
    with pytest.raises(UnknownNameError, match="Did you mean 'estimator of tau²'"):
        list_defaults()["estimator of tau2"]


class Cells(HTMLParser):
    """The words of a page, and that every tag closes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.replace("\u200b", ""))


def test_the_table_shows_every_row() -> None:
    table = list_defaults()
    words = Cells(table._repr_html_()).words
    for one in table.defaults:
        for text in (one.concerns, one.shown, one.reason, one.basis, one.where):
            assert text in words, text
    assert table.verdict() in words
    own = sum(one.own for one in table.defaults)
    assert f"{len(table.defaults)} defaults" in table.verdict()
    assert f"{own} of them" in table.verdict()
    assert len(table.own_conventions) == own > 5
    assert len(table.summary().splitlines()) == 1 + len(table.defaults)
    frame = table.to_frame()
    assert list(frame["value"]) == [one.value for one in table.defaults]
    assert json.loads(json.dumps(table.to_dict(), allow_nan=False)) == table.to_dict()


# ---------------------------------------------------------------- methods by name


def test_every_name_that_an_argument_takes_is_listed_with_a_paper() -> None:
    for kind, names in (("tau2", TAU2_NAMES), ("mean", CI_NAMES)):
        found = list_methods(KINDS[kind]).methods
        assert [method.name for method in found] == list(names)
        for method in found:
            assert re.search(r"\d{4}", method.references), method.name
    papers = {m.name: m.references for m in list_methods(KINDS["tau2"]).methods}
    assert papers["DL"] == "DerSimonian and Laird 1986"
    assert papers["HE2"] == "DerSimonian and Kacker 2007"
    assert papers["ML"] == papers["REML"] == "Viechtbauer 2005"
    assert papers["HSk"] == "Viechtbauer et al. 2015"


def test_every_function_that_the_folders_offer_is_listed() -> None:
    listed = [method.name for method in list_methods().methods]
    assert len(listed) == len(set(listed))
    for folder in ("evidence.effects", "evidence.synthesis", "evidence.appraisal"):
        module = importlib.import_module(folder)
        functions = {n for n in module.__all__ if inspect.isfunction(getattr(module, n))}
        assert functions <= set(listed)
    assert {m.kind for m in list_methods().methods} == set(KINDS.values())


def test_what_pushes_a_result_has_its_papers() -> None:
    methods = {method.name: method for method in list_methods().methods}
    assert methods["egger_test"].kind == "small-study effects"
    assert methods["all_subsets"].kind == "sensitivity and influence"
    assert methods["multiverse"].kind == "every defensible analysis"
    assert methods["missing_evidence"].kind == "appraisal, and missing evidence"
    assert methods["trim_and_fill"].references.startswith("Duval and Tweedie 2000a")
    # Three tests share a module; each has the papers that it names.
    assert methods["egger_test"].references == (
        "Egger et al. 1997; Sterne and Egger 2005; Moreno et al. 2009"
    )
    assert methods["thompson_sharp_test"].references == "Thompson and Sharp 1999"
    assert methods["fragility_index"].references.startswith("Atal et al. 2019")
    assert methods["missing_evidence"].references.startswith("Page et al. 2023")
    assert "Olkin et al. 2012" in methods["all_subsets"].references
    pushing = {KINDS[path] for path in KINDS if path.startswith("evidence.appraisal.")}
    pushing |= {"sensitivity and influence", "combining p values"}
    without = {m.name for m in methods.values() if m.kind in pushing and not m.references}
    assert without == set()


def test_what_a_function_does_is_its_own_first_line() -> None:
    methods = {method.name: method for method in list_methods().methods}
    assert methods["pool"].does == pool.__doc__.split("\n")[0]
    assert "Hartung and Knapp 2001" in methods["pool"].references


def test_references_are_read_as_they_stand() -> None:
    def documented() -> None:
        """Do nothing.

        References
        ----------
        Hedges LV, Olkin I (1985). Statistical methods for meta-analysis. Academic Press.
        Van den Noortgate W, López-López JA, Marín-Martínez F (2013). Three-level
        meta-analysis of dependent effect sizes. Behavior Research Methods 45:576-594 (one);
        Gelman A (2006). Prior distributions. Bayesian Analysis 1:515-533.
        Olkin I, Dahabreh IJ, Trikalinos TA (2012a). GOSH. Research Synthesis Methods 3:214-223.
        van Aert RCM, Wicherts JM, van Assen MALM (2016). Conducting meta-analyses based on p
        values. Perspectives on Psychological Science 11:713-729.
        Page MJ, Sterne JAC, et al. (2023). ROB-ME. BMJ 383:e076754.
        Atal I, Porcher R, and others (2019). Fragility. J Clin Epidemiol 111:32-40.
        Higgins, Thompson and Spiegelhalter (2009). A re-evaluation. JRSS A 172:137-159.
        Deeks JJ, Higgins JPT, Altman DG (editors). Meta-analysis of rare events.
        Cochrane Handbook for Systematic Reviews, section 10.4.4.

        Notes
        -----
        Nobody N (1999) is no reference.
        """

    assert [short for _, short in read_references(documented)] == [
        "Hedges and Olkin 1985",
        "Van den Noortgate et al. 2013",
        "Gelman 2006",
        "Olkin et al. 2012a",
        "van Aert et al. 2016",
        "Page et al. 2023",
        "Atal et al. 2019",
        "Higgins et al. 2009",
        "Cochrane Handbook, section 10.4.4",
    ]
    assert read_references(load_review) == []

    def elsewhere() -> None:
        """Do nothing.

        References
        ----------
        See `evidence.synthesis.dependence.sandwich`.
        """

    module = importlib.import_module("evidence.synthesis.dependence.sandwich")
    assert read_references(elsewhere) == read_references(module) != []


def test_the_list_of_methods_has_its_faces() -> None:
    table = list_methods()
    text = " ".join(Cells(table._repr_html_()).words)
    for method in table.methods:
        assert method.name in text
    assert str(len(table.methods)) in table.verdict()
    assert list(table.to_frame()["name"]) == [method.name for method in table.methods]
    assert len(table.to_dict()["methods"]) == len(table.methods)
    assert len(table.summary().splitlines()) == 1 + len(table.methods)
    assert isinstance(list_methods("conversions"), MethodsTable)
    with pytest.raises(InvalidArgumentError, match="Did you mean 'conversions'"):
        list_methods("conversion")


# ---------------------------------------------------------------- what a review plans


def test_a_review_says_by_what_it_pools() -> None:
    review = load_review("magnesium-sleep")
    frame = planned_methods(review).to_frame()
    assert list(frame["analysis"]) == [one.title for one in review.plan.analyses.values()]
    assert set(frame["as the defaults"]) == {"yes"}
    assert frame["pooled by"].str.startswith("Random effects, tau² by REML").all()
    assert frame["references"].str.contains("Viechtbauer 2005").all()


def test_a_plan_that_leaves_the_defaults_is_told_where() -> None:
    review = load_review("magnesium-sleep")
    first, second, *others = review.plan.analyses.values()
    changed = (
        replace(first, tau2_method="DL", ci_method="Wald"),
        replace(second, model="common", ci_method="Wald"),
        *others,
    )
    plan = replace(review.plan, analyses={one.id: one for one in changed})
    frame = planned_methods(replace(review, plan=plan)).to_frame()
    assert frame["as the defaults"][0] == "no: DL in place of REML and Wald in place of HKSJ-adhoc"
    assert frame["references"][0] == "DerSimonian and Laird 1986"
    assert frame["as the defaults"][1] == (
        "no: common in place of random and Wald in place of HKSJ-adhoc"
    )
    assert frame["pooled by"][1] == "Common effect, Wald interval"
