"""How numbers are computed here: every default with its reason, every method by name.

The package itself enters: defaults are read from its code, methods and references from its
docstrings. Tables for readers leave, and the methods that a review's plan names.
"""

from evidence.living.methods.catalogue import (
    MethodsTable,
    list_methods,
    planned_methods,
)
from evidence.living.methods.defaults import (
    Default,
    DefaultsTable,
    list_defaults,
)

__all__ = [
    "Default",
    "DefaultsTable",
    "MethodsTable",
    "list_defaults",
    "list_methods",
    "planned_methods",
]
