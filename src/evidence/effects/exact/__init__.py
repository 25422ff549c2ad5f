"""Exact tests and better intervals for one study, where a normal approximation will not do."""
