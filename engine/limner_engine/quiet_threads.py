"""How threads of torch wait for one another."""

from __future__ import annotations

import os


def wait_without_spinning() -> None:
    """Let a thread that has done its share of a layer sleep until the others have, too.

    By default it spins. While something else, such as learning, wants the cores, that made redraws
    ten times slower; to sleep instead costs nothing that can be measured. Read once, when torch is
    loaded, so this is called before that. What the person has set stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
