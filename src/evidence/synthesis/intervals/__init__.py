"""Intervals beside the defaults: of tau², of the mean, of a further setting, of a share.

Effects and variances of independent studies enter, as arrays without missing values; small
frozen results leave. Nothing here chooses a default: `evidence.synthesis.pool` does.
"""
