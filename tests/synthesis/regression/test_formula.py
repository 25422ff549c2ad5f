"""What a formula may say, what it becomes, and that nothing in it or in the data is run."""

import numpy as np
import pandas as pd
import pytest

from evidence.errors import InvalidArgumentError
from evidence.synthesis.regression.formula import encode, encode_new, missing_rows, parse_formula

TABLE = pd.DataFrame(
    {
        "year": [1.0, 2, 3, 4, 5, 6],
        "way in": ["a[x]", "b:v1", "c", "a[x]", "b:v1", "c"],
        "x": [3, 4, 1, 6, 7, 9],
        "g": ["u", "v"] * 3,
        "blind": [True, False] * 3,
    }
)
NAMES = list("ABCDEF")


def coded(text, table=TABLE):
    return encode(parse_formula(text), table, NAMES)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("~ year", ["intercept", "year"]),
        ("year", ["intercept", "year"]),
        ("~ 1", ["intercept"]),
        ("~ year - 1", ["year"]),
        ("~ 0 + C(`way in`)", ["way in[a[x]]", "way in[b:v1]", "way in[c]"]),
        ("~ C(`way in`, 'c')", ["intercept", "way in[a[x]]", "way in[b:v1]"]),
        ("~ C(g, Treatment('v'))", ["intercept", "g[u]"]),
        ("~ C(g, Treatment(reference='v'))", ["intercept", "g[u]"]),
        ("~ g * x", ["intercept", "g[v]", "x", "g[v]:x"]),
        ("~ (x + year):g", ["intercept", "x:g[u]", "x:g[v]", "year:g[u]", "year:g[v]"]),
        ("~ log(year) + poly(x, 2)", ["intercept", "log(year)", "poly(x, 2)[1]", "poly(x, 2)[2]"]),
        ("~ C(year)", ["intercept", *(f"year[{n}]" for n in range(2, 7))]),
        ("~ C(year, 3)", ["intercept", *(f"year[{n}]" for n in (1, 2, 4, 5, 6))]),
        ("~ blind", ["intercept", "blind"]),
    ],
)
def test_names_of_columns(text, names):
    assert coded(text)[1] == names


def test_columns_have_the_right_numbers():
    matrix = coded("~ g * x")[0]
    v = np.array([0, 1] * 3)
    assert np.array_equal(matrix, np.column_stack([np.ones(6), v, TABLE["x"], v * TABLE["x"]]))
    assert np.allclose(coded("~ log(year)")[0][:, 1], np.log(TABLE["year"]))
    poly = coded("~ 0 + poly(x, 2)")[0]
    assert np.allclose(poly.T @ poly, np.eye(2))
    assert np.allclose(poly.sum(axis=0), 0)


def test_new_rows_are_coded_as_the_studies_were():
    for text in ("~ g * x", "~ poly(x, 2) + C(`way in`, 'c')", "~ log(year):g", "~ 1"):
        matrix, _, _, coding = coded(text)
        again, beyond = encode_new(coding, TABLE.iloc[[4, 1]])
        assert np.allclose(again, matrix[[4, 1]])
        assert beyond == []


def test_the_order_of_categories_is_kept():
    table = TABLE.assign(g=pd.Categorical(TABLE["g"], categories=["v", "w", "u"]))
    assert coded("~ g", table)[1] == ["intercept", "g[u]"]


def test_missing_rows_look_at_used_columns_alone():
    table = TABLE.assign(x=[1, None, 3, 4, 5, 6], year=[np.nan, *range(5)], g=[None, *"uvuvu"])
    assert list(np.flatnonzero(missing_rows(parse_formula("~ x"), table))) == [1]
    assert list(np.flatnonzero(missing_rows(parse_formula("~ x + g"), table))) == [0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~", "says nothing"),
        ("", "says nothing"),
        ("y ~ x", "left of the ~"),
        ("~ __import__('os').system('true')", r"calls __import__\(...\)"),
        ("~ np.log(x)", r"calls np.log|cannot be read from '.log"),
        ("~ I(x)", r"calls I\(...\)"),
        ("~ log(x + 1)", r"calls log\(...\)"),
        ("~ C(x, contr.sum)", r"calls C\(...\)"),
        ("~ poly(x, 0)", r"calls poly\(...\)"),
        ("~ {x}", "cannot be read from '{x}'"),
        ("~ x | g", r"cannot be read from '\| g'"),
        ("~ x ** 2", "only 0 and 1"),
        ("~ x ^ 2", "cannot be read from"),
        ("~ 2 * x", "only 0 and 1"),
        ("~ .", "cannot be read from"),
        ("~ 'x'", "cannot be read from"),
        ("~ x; g", "cannot be read from"),
        ("~ C(g, 'u') + C(g, 'v')", "two reference levels"),
    ],
)
def test_what_a_formula_may_not_say(text, message):
    with pytest.raises(InvalidArgumentError, match=message):
        parse_formula(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~ x +", "out of place"),
        ("~ (x", "out of place"),
        ("~ x g", "out of place"),
        ("~ C(g, 'z')", "no level 'z'. Known are: u, v"),
        ("~ poly(x, 6)", "more than 6 different values of 'x'; there are 6"),
        ("~ log(g)", "not a number. Use C"),
        ("~ poly(g, 2)", "not a number. Use C"),
    ],
)
def test_formulas_that_the_data_do_not_carry(text, message):
    with pytest.raises(InvalidArgumentError, match=message):
        coded(text)


def test_logs_of_what_is_not_above_zero():
    with pytest.raises(InvalidArgumentError, match="must be above 0; found A: 0"):
        coded("~ log(x)", TABLE.assign(x=[0, 1, 2, 3, 4, 5]))


def test_a_constant_factor_is_named():
    with pytest.raises(InvalidArgumentError, match="'g' has the same value in every study"):
        coded("~ g", TABLE.assign(g="u"))


def test_text_in_the_data_is_never_run():
    wicked = "__import__('sys').exit(7)"
    table = TABLE.assign(g=[wicked, "v0"] * 3)
    table[wicked] = range(6)
    assert coded("~ g", table)[1] == ["intercept", "g[v0]"]
    assert coded(f"~ `{wicked}`", table)[1] == ["intercept", wicked]
