"""How much discovered landmarks say of labelled points (IMM, section 4).

The maps themselves are the engine's, which names landmarks by them: see
`limner_engine.naming.ridge`.
"""

from __future__ import annotations

from limner_engine.naming.ridge import (
    FORMS,
    STRENGTHS,
    apply_linear,
    fit_linear,
    fit_ridge,
    regress,
)

__all__ = ["FORMS", "STRENGTHS", "apply_linear", "fit_linear", "fit_ridge", "regress"]
