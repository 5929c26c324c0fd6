"""The beta and the t distribution, as far as exact intervals and tests of a mean ask for them. No data and no rule here.

The incomplete beta is the continued fraction of DLMF 8.17.22 by Lentz's method; quantiles are found by bisection, to the
last digits of a float. Held against exact sums of the binomial and closed forms of the t in `tests/domain/test_comparing.py`.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

_TINY, _ENOUGH, _STEPS = 1e-300, 1e-15, 500
_HALVINGS = 200


def beta_cdf(x: float, a: float, b: float) -> float:
    """The share of Beta(a, b) up to x, 0 ≤ x ≤ 1."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _kept(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        for part in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _kept(1 + part * d)
            c = _kept(1 + part / c)
            value *= c * d
        if abs(c * d - 1) < _ENOUGH:
            return value
    raise ArithmeticError(f"the incomplete beta of {x}, {a}, {b} does not settle")


def _kept(value: float) -> float:
    """Away from nought, by which Lentz's method would divide."""
    return value if abs(value) > _TINY else _TINY


@lru_cache(maxsize=4096)
def beta_quantile(share: float, a: float, b: float) -> float:
    """Up to where Beta(a, b) holds this share."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if beta_cdf(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def t_beyond(t: float, df: float) -> float:
    """The two-sided p of a t with so many degrees of freedom."""
    return beta_cdf(df / (df + t * t), df / 2, 0.5)


def t_limit(beyond: float, df: float) -> float:
    """The t beyond which, on both sides together, lies this share."""
    x = beta_quantile(beyond, df / 2, 0.5)
    return sqrt(df * (1 - x) / x)
