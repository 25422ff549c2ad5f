"""The Python packages that can do the same work, each if it is installed: oracles, never imported
by `evidence`. They run only here."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tests.benchmarks.inputs import Inputs

__all__ = ["PEERS", "work_of"]

#: Name of the package that is imported, and as it is listed.
PEERS = {
    "statsmodels": "statsmodels",
    "pymare": "PyMARE",
    "meta_analyze": "PyMetaAnalysis",
    "pimeta": "pimeta",
}
Work = dict[str, Callable[[], Any]]


def work_of(package: str, inputs: Inputs) -> Work:
    """Return what a peer can do of the tasks, or nothing where it is not installed.

    Parameters
    ----------
    package
        A key of `PEERS`.
    inputs
        What `draw` gave.
    """
    try:
        module = importlib.import_module(package)
    except ImportError:
        return {}
    return {
        "statsmodels": _statsmodels,
        "pymare": _pymare,
        "meta_analyze": _pymetaanalysis,
        "pimeta": _pimeta,
    }[package](module, inputs)


def _statsmodels(_module: Any, inputs: Inputs) -> Work:
    from statsmodels.stats.meta_analysis import effectsize_smd

    arms = inputs.arms
    return {
        "million": lambda: effectsize_smd(
            arms["mean_treatment"],
            arms["sd_treatment"],
            arms["n_treatment"],
            arms["mean_control"],
            arms["sd_control"],
            arms["n_control"],
        )
    }


def _pymare(module: Any, inputs: Inputs) -> Work:
    likelihood = module.estimators.VarianceBasedLikelihoodEstimator
    moments = module.estimators.DerSimonianLaird

    def fit(estimator: Any, effects: np.ndarray, variances: np.ndarray) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = estimator.fit(
                y=effects.reshape(len(effects), -1),
                v=variances.reshape(len(variances), -1),
                X=np.ones((len(effects), 1)),
            ).summary()
            return float(np.ravel(found.get_fe_stats()["est"])[0])

    def permutation() -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = likelihood(method="REML").fit_dataset(module.Dataset(y, v))
            tested = found.summary().permutation_test(10_000)
            return float(np.ravel(tested.perm_p["fe_p"])[0])

    y, v = inputs.bcg
    many = inputs.many[0].T.copy(), inputs.many[1].T.copy()
    sampled = y[inputs.samples].T.copy(), v[inputs.samples].T.copy()
    return {
        "fit": lambda: fit(likelihood(method="REML"), y, v),
        "thousand": lambda: fit(likelihood(method="REML"), *inputs.thousand),
        "ten_thousand": lambda: fit(likelihood(method="REML"), *inputs.ten_thousand),
        "many_reml": lambda: fit(likelihood(method="REML"), *many),
        "many_dl": lambda: fit(moments(), *many),
        "bootstrap": lambda: fit(likelihood(method="REML"), *sampled),
        "permutation": permutation,
    }


def _pymetaanalysis(module: Any, inputs: Inputs) -> Work:
    def fit(effects: np.ndarray, variances: np.ndarray) -> float:
        result = module.meta_analysis(
            effect=effects, variance=variances, model="random", tau2_method="REML"
        )
        return float(result.estimate)

    return {
        "fit": lambda: fit(*inputs.bcg),
        "thousand": lambda: fit(*inputs.thousand),
        "ten_thousand": lambda: fit(*inputs.ten_thousand),
    }


def _pimeta(module: Any, inputs: Inputs) -> Work:
    def fit(effects: np.ndarray, variances: np.ndarray) -> Any:
        return module.rma(effects, variances, method="REML", test="knha")

    def fit_all() -> float:
        result = fit(*inputs.bcg)
        result.confint()
        result.predict()
        return float(np.ravel(result.b)[0])

    def without_each() -> float:
        found = module.leave1out(*inputs.hundred, method="REML")
        module.influence(*inputs.hundred, method="REML")
        return float(found.estimate[0])

    def selection() -> float:
        result = module.rma(*inputs.hundred, method="REML")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = module.selmodel(result, type="stepfun", steps=[0.025])
        return float(np.ravel(found.beta)[0])

    y, v = inputs.bcg
    return {
        "fit": lambda: float(np.ravel(fit(y, v).b)[0]),
        "fit_all": fit_all,
        "thousand": lambda: float(np.ravel(fit(*inputs.thousand).b)[0]),
        "subsets_13": lambda: float(module.gosh(y, v, method="REML").estimate[-1]),
        "permutation": lambda: float(
            module.permutest(module.rma(y, v, method="REML"), exact=True).pval[0]
        ),
        "influence": without_each,
        "selection": selection,
    }
