"""Published analyses computed again: a paper's study table enters, its printed results are met.

A paper is a folder of one TOML and three CSV files: the numbers of its studies, how they were
analysed, and what was printed with its digits, its words and where it stands. Nothing in the
folder is ever run. `reproduce` computes one paper again, `reproduction_gallery` all of them.
"""

from evidence.living.reproductions.gallery import (
    Gallery,
    reproduction_gallery,
)
from evidence.living.reproductions.paper import (
    Paper,
    read_paper,
)
from evidence.living.reproductions.reproduction import (
    Comparison,
    Reproduction,
    reproduce,
)
from evidence.living.reproductions.studies import (
    PublishedStudies,
    published_studies,
)

__all__ = [
    "Comparison",
    "Gallery",
    "Paper",
    "PublishedStudies",
    "Reproduction",
    "published_studies",
    "read_paper",
    "reproduce",
    "reproduction_gallery",
]
