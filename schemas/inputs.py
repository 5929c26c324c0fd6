"""The input of every act, made from the signature of the service that performs it: one name, one meaning, everywhere.

`NAMES` says what a parameter of that name looks like and how a page shows it; types say the rest.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from marshmallow import RAISE, Schema, fields, validate

from schemas.fields import Code, Day, Flag, Id, Moment, Name, Scaled, Secret, Whole, Words
from traceability.domain.casework import LONGEST_D
from traceability.domain.people import Meaning
from traceability.domain.training import LATEST_D, SOONEST_D

Make = Callable[..., fields.Field[Any]]


def celsius(**kwargs: Any) -> Scaled:
    return Scaled(factor=1000, unit="°C", least=-273_150, most=200_000, **kwargs)


def minutes(**kwargs: Any) -> Scaled:
    return Scaled(factor=60, unit="min", least=0, most=10 * 366 * 86_400, **kwargs)


def hours(**kwargs: Any) -> Scaled:
    return Scaled(factor=3600, unit="h", least=0, most=10 * 366 * 86_400, **kwargs)


def millilitres(**kwargs: Any) -> Scaled:
    return Scaled(factor=1000, unit="mL", least=0, most=1_000_000, **kwargs)


NAMES: Mapping[str, Make] = {
    "code": Code,
    "alias": Code,
    "wristband": Code,
    "number": lambda **k: Words(most=64, **k),
    "lot_number": lambda **k: Words(most=20, **k),
    "gtin": lambda **k: Words(most=14, least=14, **k),
    "gln": lambda **k: Words(most=13, least=13, **k),
    "sscc": lambda **k: Words(most=18, least=18, **k),
    "statement": lambda **k: Words(most=2000, **k),
    "reason": lambda **k: Words(most=2000, **k),
    "condition": lambda **k: Words(most=400, least=0, **k),
    "count": lambda **k: Whole(validate=validate.Range(1, 5000), **k),
    "class_": lambda **k: Whole(validate=validate.Range(1, 3), **k),
    "through": lambda **k: Whole(validate=validate.Range(min=1), **k),
    "dossier_digest": lambda **k: Words(most=64, least=64, **k),
    "figures_digest": lambda **k: Words(most=64, least=64, **k),
    "within_s": hours,
    **dict.fromkeys(("hazard", "answer", "told", "observed"), lambda **k: Words(most=2000, **k)),
    "origin": lambda **k: Words(most=200, **k),
    "password_hash": lambda **k: Words(most=256, **k),
    "address": lambda **k: Words(most=300, **k),
    "serial": lambda **k: Words(most=20, **k),
    **dict.fromkeys(("findings", "root_cause", "reply", "evidence", "judgement"), lambda **k: Words(most=4000, **k)),
    "narrative": lambda **k: Words(most=4000, **k),
    "history": lambda **k: Words(most=2000, **k),
    "valid_h": lambda **k: Whole(validate=validate.Range(1, 14 * 24), **k),
    "form": lambda **k: Words(most=80, **k),
    "token_hash": lambda **k: Words(most=64, least=64, **k),
    "days": lambda **k: Whole(validate=validate.Range(1, LONGEST_D), **k),
    **dict.fromkeys(("ethics_number", "approval_number"), lambda **k: Words(most=64, **k)),
    "topic": lambda **k: Name(most=40, **k),
    "grants_sha256": lambda **k: Words(most=64, least=64, **k),
    "next_in_d": lambda **k: Whole(validate=validate.Range(SOONEST_D, LATEST_D), **k),
    **dict.fromkeys(("low_mc", "high_mc", "now_mc", "temperature_mc", "threshold_mc"), celsius),
    **dict.fromkeys(
        (
            "longest_s",
            "longest_age_s",
            "budget_s",
            "allowed_s",
            "thaw_s",
            "in_use_s",
            "duration_s",
            "window_s",
            "after_s",
        ),
        minutes,
    ),
    **dict.fromkeys(("volume_ul", "withdrawn_ul", "given_ul", "discarded_ul", "aspirated_ul"), millilitres),
}


class SignatureIn(Schema):
    """Fresh credentials of one signer (R56)."""

    class Meta:
        unknown = RAISE

    username = Words(most=64, required=True)
    password = Secret(required=True)
    meaning = fields.Enum(Meaning, by_value=True, required=True)


class ActIn(Schema):
    """What any act may be asked with: when it happened, how that is known, why, and who signs."""

    class Meta:
        unknown = RAISE

    occurred_at = Moment()
    source = fields.String(validate=validate.OneOf(["live", "device", "late", "transcribed"]))
    reason = Words(most=2000)
    signatures = fields.List(fields.Nested(SignatureIn), validate=validate.Length(max=4))


def schema_for(name: str, work: Callable[..., Any], *, given: Sequence[str] = ()) -> type[ActIn]:
    """`NounVerbIn` of an act: one field for each parameter of its service, but for those that the path gives."""
    hints = get_type_hints(work)
    made: dict[str, Any] = {}
    for parameter in list(inspect.signature(work).parameters.values())[1:]:
        if parameter.name in given or getattr(hints[parameter.name], "prepared", False):
            continue
        required = parameter.default is inspect.Parameter.empty
        made[parameter.name] = field_for(parameter.name, hints[parameter.name], required=required)
    title = "".join(part.title() for part in name.replace(".", "_").split("_"))
    return type(f"{title}In", (ActIn,), made)


def field_for(name: str, hint: Any, *, required: bool) -> fields.Field[Any]:
    if get_origin(hint) in (Union, UnionType):
        hint = next(one for one in get_args(hint) if one is not NoneType)
        return field_for(name, hint, required=required)
    told: dict[str, Any] = {"required": required}
    if not required:
        told["allow_none"] = True
    if name in NAMES:
        return NAMES[name](**told)
    origin = get_origin(hint)
    if origin is not None and issubclass(origin, Sequence):
        inner = field_for(name.removesuffix("s"), get_args(hint)[0], required=True)
        return fields.List(inner, validate=validate.Length(max=5000), **told)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return fields.Enum(hint, by_value=True, **told)
    if hint is str:
        return Id(**told) if name.endswith("_id") else Words(**told)
    plain: dict[Any, Make] = {bool: Flag, int: Whole, date: Day, datetime: Moment}
    if hint in plain:
        return plain[hint](**told)
    if is_typeddict(hint):
        parts = {part: field_for(part, kind, required=True) for part, kind in get_type_hints(hint).items()}
        return fields.Nested(Schema.from_dict(parts, name=f"{hint.__name__}In"), **told)
    raise TypeError(f"no field for {name}: {hint!r}")
