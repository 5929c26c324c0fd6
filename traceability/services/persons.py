"""Which subjects are one person: enrolled twice, merged, and read together wherever a person is meant (R47).

The record keeps every subject under its own pseudonym; here alone is known which one stands for which. How they come to be
merged: `merging.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlmodel import col

from traceability.store import Tx, View
from traceability.store.tables import Subject, SubjectMerge


def stood_for(view: View) -> Mapping[str, str]:
    """Every subject that was merged, with the one that stands for it: of a chain, the one at its end."""
    into = {one.merged_id: one.stands_id for one in view.known(SubjectMerge, col(SubjectMerge.until).is_(None))}
    return {one: _end(into, one) for one in into}


def _end(into: Mapping[str, str], subject_id: str) -> str:
    while subject_id in into:
        subject_id = into[subject_id]
    return subject_id


def stands(view: View, subject_id: str) -> str:
    """The subject under which this person is read."""
    return stood_for(view).get(subject_id, subject_id)


def of(view: View, subject_id: str) -> list[str]:
    """Every subject that is this person, the one that stands first."""
    known = stood_for(view)
    standing = known.get(subject_id, subject_id)
    return [standing, *sorted(one for one, other in known.items() if other == standing)]


def same(view: View, one: str, other: str) -> bool:
    if one == other:
        return True
    known = stood_for(view)
    return known.get(one, one) == known.get(other, other)


def ever(view: View, subject_id: str) -> list[SubjectMerge]:
    """Every merge, ended ones too, by which this subject was once read with another, at whatever time."""
    told = view.known(SubjectMerge)
    anybody = joined(told, subject_id)
    return [one for one in told if one.merged_id in anybody]


def joined(merges: Iterable[SubjectMerge], subject_id: str) -> set[str]:
    """Every subject that these merges make one person with this one."""
    found, left = {subject_id}, list(merges)
    while near := [one for one in left if (one.merged_id in found) != (one.stands_id in found)]:
        found |= {each for one in near for each in (one.merged_id, one.stands_id)}
    return found


def subject(view: View, subject_id: str) -> Subject:
    """The subject under which this person is read. Raises `NotFound` for one out of sight."""
    return view.need(Subject, stands(view, view.need(Subject, subject_id).id))


def standing(view: View) -> Mapping[str, Subject]:
    """Every subject that was merged, with the subject that stands for it: under that pseudonym it is shown and counted."""
    if not (known := stood_for(view)):
        return {}
    subjects = {one.id: one for one in view.known(Subject, col(Subject.id).in_(set(known.values())))}
    return {one: subjects[other] for one, other in known.items()}


def shown(view: View, subjects: Iterable[Subject]) -> list[Subject]:
    """These under which they are shown: each person once, in this order."""
    known = standing(view)
    return list({one.id: one for one in (known.get(subject.id, subject) for subject in subjects)}.values())


def alone(tx: Tx, subject_id: str) -> None:
    """Wait for every other act that rests on who this person is and what was done to them, under whichever pseudonym."""
    tx.alone(f"person {subject_id}")
    if (other := stands(tx, subject_id)) != subject_id:
        tx.alone(f"person {other}")
