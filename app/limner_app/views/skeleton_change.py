"""What a person can do to a skeleton, worked out without a project: each gives a change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from limner_engine.types import Skeleton

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SkeletonChange:
    """A skeleton that is to take the place of another.

    Attributes:
        skeleton: The new one.
        origins: For each of its landmarks the number in the old one, None for a new one.
    """

    skeleton: Skeleton
    origins: tuple[int | None, ...]

    def gone(self, count: int) -> list[int]:
        """Which of the ``count`` landmarks of the old skeleton are not in the new one."""
        return sorted(
            set(range(count)) - {origin for origin in self.origins if origin is not None}
        )


def added(skeleton: Skeleton, names: Sequence[str]) -> SkeletonChange:
    """New landmarks behind the others."""
    count = len(skeleton.names)
    return SkeletonChange(
        Skeleton((*skeleton.names, *names), skeleton.edges, skeleton.symmetries),
        (*range(count), *(None for _ in names)),
    )


def removed(skeleton: Skeleton, numbers: Collection[int]) -> SkeletonChange:
    """Without some landmarks, and without their edges and pairs."""
    return _rearranged(skeleton, [i for i in range(len(skeleton.names)) if i not in numbers])


def moved(skeleton: Skeleton, numbers: Collection[int], to: int) -> SkeletonChange:
    """Some landmarks put before the one that has the number ``to``, in their order."""
    rest = [i for i in range(len(skeleton.names)) if i not in numbers]
    at = sum(i < to for i in rest)
    return _rearranged(skeleton, [*rest[:at], *sorted(numbers), *rest[at:]])


def _rearranged(skeleton: Skeleton, order: Sequence[int]) -> SkeletonChange:
    place = {old: new for new, old in enumerate(order)}

    def kept(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
        return tuple((place[a], place[b]) for a, b in pairs if a in place and b in place)

    made = Skeleton(
        tuple(skeleton.names[i] for i in order), kept(skeleton.edges), kept(skeleton.symmetries)
    )
    return SkeletonChange(made, tuple(order))


def joined(skeleton: Skeleton, first: int, second: int) -> SkeletonChange:
    """With an edge between two landmarks, or without it where there was one."""
    left = tuple(edge for edge in skeleton.edges if set(edge) != {first, second})
    edges = left if len(left) < len(skeleton.edges) else (*left, (first, second))
    return _same_landmarks(skeleton, edges, skeleton.symmetries)


def paired(skeleton: Skeleton, pairs: Sequence[Pair]) -> SkeletonChange:
    """With pairs (left, right); those that their landmarks were in before are parted."""
    taken = {number for pair in pairs for number in pair}
    left = tuple(pair for pair in skeleton.symmetries if not taken & set(pair))
    return _same_landmarks(skeleton, skeleton.edges, (*left, *pairs))


def parted(skeleton: Skeleton, number: int) -> SkeletonChange:
    """Without the pair that a landmark is in."""
    left = tuple(pair for pair in skeleton.symmetries if number not in pair)
    return _same_landmarks(skeleton, skeleton.edges, left)


def replaced(skeleton: Skeleton, new: Skeleton) -> SkeletonChange:
    """Another skeleton; landmarks of the same name are the same, capitals or not."""
    known = {name.casefold(): number for number, name in enumerate(skeleton.names)}
    # Each is given once: names that differ in capitals alone are two landmarks.
    return SkeletonChange(new, tuple(known.pop(name.casefold(), None) for name in new.names))


def _same_landmarks(
    skeleton: Skeleton, edges: tuple[Pair, ...], symmetries: tuple[Pair, ...]
) -> SkeletonChange:
    count = len(skeleton.names)
    return SkeletonChange(Skeleton(skeleton.names, edges, symmetries), tuple(range(count)))
