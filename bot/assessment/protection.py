"""Which groups can be shown so that nobody can tell apart, or subtract, fewer than five people.

What is shown of a group is a sum over its people: how many stand at each level, and what follows from that.
Whoever has several such sums can add and subtract them. So a set of groups is safe when nothing that can be
computed from their sums (a vector in the row space of the groups' membership) is about fewer than five
people alone. That is stricter than asking that no group below five can be had by subtracting: the difference
of two people who stand on either side of it is not told either. Our own rule; docs/adr/0023 says what it
does not cover.

Members of groups are **units**, in all functions: a run as it stood at some moment. `person`: unit -> whose
it is; who is not in it is a person for itself. Two units of one person count as one person.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd
from typing import TypeVar

LEAST = 5
"""So many people have to be behind everything that can be told. Our own rule."""

_MOST_STEPS = 20_000
"""How long the search goes on. A set of groups that takes longer counts as not safe."""

Members = frozenset[str]
K = TypeVar("K", bound=Hashable)


def people(units: Iterable[str], person: Mapping[str, str]) -> frozenset[str]:
    """Whose these units are."""
    return frozenset(person.get(unit, unit) for unit in units)


def is_safe(groups: Iterable[Members], person: Mapping[str, str], least: int = LEAST) -> bool:
    """Whether nothing about fewer than `least` people can be computed from what is shown of these groups.

    Groups without members tell nothing and are not looked at.
    """
    return exposed(groups, person, least) is None


def exposed(
    groups: Iterable[Members], person: Mapping[str, str], least: int = LEAST
) -> frozenset[str] | None:
    """Fewer than `least` people about whom something can be computed; None where there are none.

    Where the search was given up, an empty set.
    """
    shown = sorted({group for group in groups if group}, key=lambda group: (len(group), sorted(group)))
    return _Search(shown, person, least).run()


def choose(
    candidates: Sequence[tuple[K, Members]],
    person: Mapping[str, str],
    already: Collection[Members] = (),
    least: int = LEAST,
) -> list[K]:
    """The keys of those that can be shown together, and beside what was shown before (`already`).

    The first candidates go first: each is taken if all that was taken before stays safe with it.
    """
    taken: list[K] = []
    shown = list(already)
    if candidates and is_safe([*shown, *(members for _, members in candidates)], person, least):
        return [key for key, _ in candidates]
    for key, members in candidates:
        if is_safe([*shown, members], person, least):
            taken.append(key)
            shown.append(members)
    return taken


@dataclass(frozen=True)
class _Atom:
    """The units that are members of exactly the same groups. `vector`: 1 for each group that they are in."""

    vector: tuple[int, ...]
    people: frozenset[str]


class _Search:
    """Looks for atoms of fewer than `least` people without which the groups' rank is lower.

    Something about a set of atoms alone can be computed exactly when the membership vectors of all others
    have a lower rank: then a combination of groups exists that is zero on all others, and not on these. Such
    a set has a member in every basis. So: take a basis, with as many atoms in it that are too large as there
    can be; one of the others has to be in the set; try each, and go on without it.
    """

    def __init__(self, groups: Sequence[Members], person: Mapping[str, str], least: int) -> None:
        self._least = least
        self._steps = 0
        membership: dict[str, list[int]] = {}
        for number, group in enumerate(groups):
            for unit in group:
                membership.setdefault(unit, [0] * len(groups))[number] = 1
        together: dict[tuple[int, ...], list[str]] = {}
        for unit, vector in membership.items():
            together.setdefault(tuple(vector), []).append(unit)
        atoms = [_Atom(vector, people(units, person)) for vector, units in together.items()]
        # Large ones first, so that a basis takes them; then in an order that is the same each time.
        atoms.sort(key=lambda atom: (-len(atom.people), atom.vector))
        self._large = [atom for atom in atoms if len(atom.people) >= least]
        self._small = [atom for atom in atoms if len(atom.people) < least]
        self._rank = len(_Basis.of(atom.vector for atom in atoms).rows)

    def run(self) -> frozenset[str] | None:
        """As of exposed()."""
        sure = _Basis.of(atom.vector for atom in self._large)
        try:
            return self._look(sure, self._small, frozenset())
        except _TooLong:
            return frozenset()

    def _look(self, sure: _Basis, left: Sequence[_Atom], gone: frozenset[str]) -> frozenset[str] | None:
        """`sure` spans the atoms that are not in the set, `left` may be; `gone` are the people of those that
        are."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _TooLong
        # Those that would make too many people cannot go either: they join what is sure.
        can_go = [atom for atom in left if len(gone | atom.people) < self._least]
        for atom in left:
            if len(gone | atom.people) >= self._least:
                sure = sure if sure.spans(atom.vector) else sure.copy().add(atom.vector)
        basis = sure.copy()
        chosen: list[_Atom] = []
        for atom in can_go:
            if len(basis.rows) == self._rank:
                break
            if not basis.spans(atom.vector):
                basis.add(atom.vector)
                chosen.append(atom)
        if len(basis.rows) < self._rank:
            return gone
        for atom in chosen:
            rest = [one for one in can_go if one is not atom]
            found = self._look(sure, rest, gone | atom.people)
            if found is not None:
                return found
            # Whatever set has this one in it was looked at: from here on it stays.
            can_go = rest
            sure = sure if sure.spans(atom.vector) else sure.copy().add(atom.vector)
        return None


class _TooLong(Exception):
    """The search was given up."""


class _Basis:
    """Vectors of whole numbers, each with a leading place that the later ones have a zero at. Exact."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, tuple[int, ...]]] = []

    @classmethod
    def of(cls, vectors: Iterable[tuple[int, ...]]) -> _Basis:
        """A basis of what these span."""
        found = cls()
        for vector in vectors:
            found.add(vector)
        return found

    def copy(self) -> _Basis:
        """Another one, that can grow by itself."""
        found = _Basis()
        found.rows = list(self.rows)
        return found

    def spans(self, vector: tuple[int, ...]) -> bool:
        """Whether this vector is a combination of them."""
        return not any(self._rest(vector))

    def add(self, vector: tuple[int, ...]) -> _Basis:
        """Take in a vector; one that they span already changes nothing."""
        rest = self._rest(vector)
        place = next((number for number, value in enumerate(rest) if value), None)
        if place is not None:
            self.rows.append((place, rest))
        return self

    def _rest(self, vector: tuple[int, ...]) -> tuple[int, ...]:
        rest = vector
        for place, row in self.rows:
            if rest[place]:
                ours, theirs = row[place], rest[place]
                rest = tuple(ours * a - theirs * b for a, b in zip(rest, row, strict=True))
                divisor = reduce(gcd, rest)
                if divisor > 1:
                    rest = tuple(value // divisor for value in rest)
        return rest
