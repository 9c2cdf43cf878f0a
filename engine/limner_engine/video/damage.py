"""Which frames can be trusted once something in a stream has gone wrong.

A decoder hides damage: it fills what is missing from its neighbours and goes on, and every frame
that refers to the filled one is wrong too, without a word. So from the packet at which something
went wrong nothing is trusted until the next place at which decoding can start afresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from limner_engine.video.index import Bools, Ints


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something went wrong while decoding.

    Attributes:
        packet: The packet at which it did.
        emitted: How many frames the decoder had handed out by then; None where the trouble lies in
            one frame that came out, and the decoder itself was not upset.
    """

    packet: int
    emitted: int | None = None


@dataclass
class Decoded:
    """What came out of a run through packets.

    Attributes:
        order: Packets in the order in which their frames came out.
        troubles: What went wrong.
    """

    order: list[int] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


def spoilt(
    decoded: Decoded,
    packet_count: int,
    starts: Sequence[int] | Ints,
    first_whole: Sequence[int] | Ints,
    rank: Ints,
) -> Bools:
    """Mark the packets whose frames are not to be trusted.

    Args:
        decoded: What came out.
        packet_count: P.
        starts: ``(S,)`` packets from which decoding can start, ascending.
        first_whole: ``(S,)`` rank of the first frame that comes out whole from each.
        rank: ``(P,)`` place of each packet's frame in presentation order.

    Returns:
        ``(P,)``, True where the frame is not to be trusted.
    """
    bad = np.zeros(packet_count, np.bool_)
    starts = np.asarray(starts, np.int64)
    order = np.asarray(decoded.order, np.int64)
    numbers = np.arange(packet_count)
    for trouble in decoded.troubles:
        following = int(np.searchsorted(starts, trouble.packet, side="right"))
        if following < len(starts):
            end, whole = int(starts[following]), int(first_whole[following])
        else:
            end, whole = packet_count, np.iinfo(np.int64).max
        # Frames shown before the next start but stored after it lean on the damaged ones too.
        bad[(numbers >= trouble.packet) & ((numbers < end) | (rank < whole))] = True
        if trouble.emitted is not None:
            # What a decoder still held back when it failed is not trusted either.
            late = order[trouble.emitted :]
            bad[late[late < end]] = True
    return bad
