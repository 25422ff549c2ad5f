"""Bodies of evidence the Bayesian tests share."""

import json
from pathlib import Path

import numpy as np

REFERENCE = Path(__file__).parents[2] / "reference" / "pool.json"
_BCG = next(
    case
    for case in json.loads(REFERENCE.read_text(encoding="utf-8"))["cases"]
    if case["id"] == "bcg"
)
BODIES = {
    "bcg": (np.array(_BCG["yi"]), np.array(_BCG["vi"])),
    "one": (np.array([0.3]), np.array([0.04])),
    "two": (np.array([0.5, -0.1]), np.array([0.09, 0.04])),
    "three": (np.array([-0.4, -0.38, 0.9]), np.array([0.02, 0.05, 0.3])),
    # Rubin (1981): coaching in eight schools.
    "schools": (
        np.array([28.0, 8, -3, 7, -1, 1, 18, 12]) / 10,
        np.array([15.0, 10, 16, 11, 9, 11, 10, 18]) ** 2 / 100,
    ),
    "identical": (np.full(5, 0.2), np.array([0.1, 0.2, 0.1, 0.05, 0.3])),
    "dominating": (np.array([0.0, 1.0, 0.7]), np.array([1e-5, 0.4, 0.9])),
}
