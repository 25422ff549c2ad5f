"""Whether the numbers can be true: reported rows enter; checks with their reasons leave.

A check accuses nobody. It says whether two reports can both be right as printed.
"""

from evidence.appraisal.integrity.baseline import BaselineVariable, baseline_table
from evidence.appraisal.integrity.counts import (
    counts_of_percentage,
    percentage_of,
    percentage_of_some,
)
from evidence.appraisal.integrity.crossover import correlation_needed, crossover_against_p
from evidence.appraisal.integrity.events import counts_against_p
from evidence.appraisal.integrity.granularity import BINARY, WHOLE, Scores, debit, grim, grimmer
from evidence.appraisal.integrity.reconstruction import Reconstruction, reconstruct
from evidence.appraisal.integrity.repeated import (
    PrintedSummary,
    chance_of_match,
    repeated_summaries,
)
from evidence.appraisal.integrity.report import IntegrityReport, check_integrity
from evidence.appraisal.integrity.scale import largest_sd, sd_on_scale, smallest_sd
from evidence.appraisal.integrity.spread import (
    sd_against_range,
    sd_against_se,
    spread_against_interval,
)
from evidence.appraisal.integrity.statistics import (
    estimate_against_t,
    f_against_t,
    interval_against_p,
    se_against_interval,
    t_against_p,
)

__all__ = [
    "BINARY",
    "WHOLE",
    "BaselineVariable",
    "IntegrityReport",
    "PrintedSummary",
    "Reconstruction",
    "Scores",
    "baseline_table",
    "chance_of_match",
    "check_integrity",
    "correlation_needed",
    "counts_against_p",
    "counts_of_percentage",
    "crossover_against_p",
    "debit",
    "estimate_against_t",
    "f_against_t",
    "grim",
    "grimmer",
    "interval_against_p",
    "largest_sd",
    "percentage_of",
    "percentage_of_some",
    "reconstruct",
    "repeated_summaries",
    "sd_against_range",
    "sd_against_se",
    "sd_on_scale",
    "se_against_interval",
    "smallest_sd",
    "spread_against_interval",
    "t_against_p",
]
