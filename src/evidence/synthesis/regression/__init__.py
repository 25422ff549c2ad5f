"""Why effects differ: meta-regression, subgroups, and models of the heterogeneity itself."""
