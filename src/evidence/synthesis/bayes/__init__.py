"""The Bayesian normal-normal model, by exact quadrature."""
