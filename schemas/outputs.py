"""What programs are answered, noun by noun: fields by name, so that no column leaves the house because it exists.

Dumped from rows and from the dictionaries that reads give. Shape only: who may see a row was settled by the read.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from marshmallow import Schema, fields

from traceability.domain.casework import CaseKind, CaseSeverity
from traceability.domain.checks import Purpose
from traceability.domain.people import Meaning, Role
from traceability.domain.plain import moment
from traceability.domain.rules import Severity, Verdict
from traceability.domain.states import ConsignmentState, Custody, LotState


class At(fields.DateTime):
    """A time as it stands in the ledger: UTC, microseconds, Z."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else moment(value)


class Word(fields.Enum[Any]):
    """One word of a closed list, from its member or as it stands."""

    def __init__(self, words: type[StrEnum], **kwargs: Any) -> None:
        super().__init__(words, by_value=True, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else str(value)


def optional(kind: type[fields.Field[Any]], *args: Any, **kwargs: Any) -> fields.Field[Any]:
    return kind(*args, allow_none=True, **kwargs)


class Out(Schema):
    """Fields that a noun has are there; what is not known is null."""


class RowOut(Out):
    id = fields.String(required=True)
    demonstration = fields.Boolean(metadata={"description": "Invented by the demonstration, never of a real person."})


# ------------------------------------------------------------------------------------------------------ problems, acts


class FindingOut(Out):
    code = fields.String(required=True)
    severity = Word(Severity, required=True)
    holds = optional(fields.Boolean, metadata={"description": "false: it does not hold; null: it could not be told"})
    message = fields.String(required=True)


class WrongOut(Out):
    """What is wrong with one field: a code that is stable, and its sentence."""

    code = fields.String(required=True)
    message = fields.String(required=True)


class ProblemOut(Out):
    """RFC 9457. `code` is stable for ever; sentences are in the language that was asked for."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    instance = fields.String(metadata={"description": "Of a failure of ours: the id under which it was logged."})
    entry = fields.Integer(metadata={"description": "Number of the ledger entry that keeps this refusal."})
    findings = fields.List(fields.Nested(FindingOut))
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(WrongOut)),
        metadata={"description": "By the path of the field: `signatures.0.meaning`."},
    )
    question = fields.Dict(
        keys=fields.String(),
        metadata={"description": "What a logger's file leaves open: the `field` that answers it, and its `choices`."},
    )
    understanding = fields.Dict(
        keys=fields.String(), metadata={"description": "What was understood of a logger's file, to be confirmed."}
    )
    digest = fields.String(metadata={"description": "Sent as `confirmed`, it confirms the `understanding`."})


class DoneOut(Out):
    act_id = fields.String(required=True)
    ledger = fields.String(required=True)
    number = fields.Integer(required=True)
    repeated = fields.Boolean(required=True, metadata={"description": "It had been done before, under this id."})
    answer = fields.Dict(keys=fields.String(), required=True)


class OutcomeOut(Out):
    """What became of an act: done with its answer, or refused with its problem."""

    act_id = fields.String(required=True)
    outcome = fields.String(required=True, metadata={"enum": ["done", "refused"]})
    number = fields.Integer(required=True)
    answer = optional(fields.Dict, keys=fields.String())
    refusal = optional(fields.Nested, ProblemOut)


class GrantOut(Out):
    id = fields.String()
    role = Word(Role, required=True)
    organisation_id = fields.String(required=True)
    site_id = optional(fields.String)
    lot_id = optional(fields.String)
    since = At(required=True)
    until = optional(At)
    training = fields.String()
    handed_by = optional(fields.String, metadata={"description": "Who handed the role over for that time."})
    purpose = optional(fields.String)


class SessionOut(Out):
    class Whose(Out):
        id = fields.String(required=True)
        name = fields.String(required=True)
        organisation_id = fields.String(required=True)
        roles = fields.List(Word(Role), required=True)
        must_change_password = fields.Boolean(required=True)

    token = fields.String(required=True)
    ends_at = At(required=True)
    person = fields.Nested(Whose, required=True)


# --------------------------------------------------------------------------------------------------------------- scan


class ScanFindingOut(Out):
    code = fields.String(required=True)
    severity = Word(Severity, required=True)
    message = fields.String(required=True)


class NotJudgedOut(Out):
    """What the verdict says nothing about: of a vial for the bedside its patient, side and dose."""

    code = fields.String(required=True)
    message = fields.String(required=True)


class ScannedVialOut(Out):
    id = fields.String(required=True)
    gtin = fields.String(required=True)
    serial = fields.String(required=True)
    state = Word(Custody, required=True)
    code = optional(fields.String)


class ScannedLotOut(Out):
    id = fields.String(required=True)
    number = fields.String(required=True)
    state = Word(LotState, required=True)
    expires = optional(fields.Date)


class ScanOut(Out):
    verdict = Word(Verdict, required=True)
    purpose = Word(Purpose, required=True, data_key="for")
    findings = fields.List(fields.Nested(ScanFindingOut), required=True)
    not_judged = fields.List(
        fields.Nested(NotJudgedOut),
        required=True,
        metadata={"description": "Not among the findings, and does not move the verdict: it was never asked."},
    )
    vial = optional(fields.Nested, ScannedVialOut, required=True)
    lot = optional(fields.Nested, ScannedLotOut, required=True)


# --------------------------------------------------------------------------------------------------- the way of a vial


class VialOut(RowOut):
    lot_id = fields.String(required=True)
    gtin = fields.String(required=True)
    serial = fields.String(required=True)
    serial_kind = fields.String()
    state = Word(Custody, required=True)
    organisation_id = fields.String(metadata={"description": "Who holds it now."})
    code = optional(fields.String, required=True, metadata={"description": "Its GS1 Digital Link, as on its label."})


class StayOut(Out):
    place_id = fields.String(required=True)
    place = fields.String(required=True, metadata={"description": "The code on the place's door."})
    consignment_id = optional(fields.String)
    since = At(required=True)
    until = optional(At)


class AliasOut(Out):
    scheme = fields.String(required=True, metadata={"description": "giai: our over-label; otentifikasi: BPOM's code."})
    code = fields.String(required=True)


class VialWholeOut(VialOut):
    lot = fields.Nested(ScannedLotOut, required=True)
    aliases = fields.List(fields.Nested(AliasOut), required=True)
    stays = fields.List(fields.Nested(StayOut), required=True)


class NamedOut(Out):
    id = fields.String(required=True)
    name = fields.String(required=True)


class LotOut(RowOut):
    number = fields.String(required=True)
    state = Word(LotState, required=True)
    made_on = fields.Date()
    expires = fields.Date()
    filled = fields.Integer()
    route = fields.String()
    route_number = fields.String()
    maker = fields.Nested(NamedOut)
    product = fields.Nested(NamedOut)
    product_version_id = fields.String()
    gtin = fields.String()
    custody = fields.Dict(keys=fields.String(), values=fields.Integer())
    buckets = fields.Dict(keys=fields.String(), values=fields.Integer())
    released = fields.Integer(metadata={"description": "Vials under a release that stands."})


class ExpiryOut(Out):
    version = fields.Integer(required=True)
    expires = fields.Date(required=True)
    stated_at = At()
    transcribed = fields.Boolean(metadata={"description": "Copied in by the hospital, not stated by the maker here."})
    attachment_id = optional(fields.String, metadata={"description": "The document that gives it."})


class CertificationOut(RowOut):
    transcribed = fields.Boolean(required=True)
    statement = fields.String()
    certified_on = fields.Date()
    attachment_id = optional(fields.String)


class TriedOut(Out):
    """One result of a test, whether it stands or not. Outside its specification it has a case."""

    id = fields.String(required=True)
    value = fields.String(required=True)
    conforms = optional(fields.Boolean, metadata={"description": "null: it cannot be told"})
    tested_on = At()
    reviewed_at = optional(At)
    attachment_id = optional(fields.String, metadata={"description": "The file it was imported from."})
    case = optional(fields.String, metadata={"description": "The number of its case."})
    case_closed = optional(fields.Boolean)
    outcome = optional(fields.String, metadata={"description": "What its investigation found."})


class ResultOut(Out):
    """One test asked of a lot, with the result that stands."""

    id = optional(fields.String)
    specification_id = fields.String(required=True)
    test = fields.String(required=True)
    version = fields.Integer(metadata={"description": "Of the specification."})
    mandatory = fields.Boolean()
    tried = fields.List(fields.Nested(TriedOut), metadata={"description": "Every result of it, the oldest first."})
    value = optional(fields.String)
    conforms = optional(fields.Boolean, metadata={"description": "null: it cannot be told"})
    tested_on = optional(At)
    reviewed_at = optional(At)


class ReleaseOut(RowOut):
    number = fields.String(required=True)
    lot_id = fields.String(required=True)
    organisation_id = fields.String()
    kind = fields.String()
    condition = fields.String()
    until = optional(At)
    dossier_digest = fields.String()
    released_at = At()
    void_at = optional(At)
    accepted = fields.List(
        fields.String(), metadata={"description": "Of a release for a named patient: the rules that did not hold."}
    )
    newer_entries = fields.Integer(
        metadata={"description": "Entries about the lot since: newer facts than its dossier exist."}
    )


class LotWholeOut(LotOut):
    expiries = fields.List(fields.Nested(ExpiryOut))
    certifications = fields.List(fields.Nested(CertificationOut))
    results = fields.List(fields.Nested(ResultOut))
    releases = fields.List(fields.Nested(ReleaseOut))


class RestsOnOut(Out):
    """A row that a rule's finding rests on, by what people call it."""

    noun = fields.String(required=True)
    id = fields.String(required=True)
    name = fields.String(required=True)
    entry = optional(fields.Integer, metadata={"description": "Its last entry in the own ledger, if it is there."})


class RuleOut(FindingOut):
    evidence = fields.List(fields.Nested(RestsOnOut), required=True)


class DossierOut(Out):
    """What a release of these vials would rest on. `digest` is given back with the release."""

    ready = fields.Boolean(required=True)
    accepted = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "With `course_id`: the rules that do not hold, and that QA and physician answer for."},
    )
    digest = fields.String(required=True)
    reviewed_through = fields.Integer(
        required=True, metadata={"description": "Up to which entry the lot's audit trail was reviewed, signed."}
    )
    unreviewed = fields.List(
        fields.Integer(),
        required=True,
        metadata={
            "description": "Entries of that trail that nobody has reviewed: new ones, and older ones that joined it since."
        },
    )
    boxes_digest = fields.String(
        required=True, metadata={"description": "Of which boxes that trail is; `audit.review` takes it back."}
    )
    vial_ids = fields.List(fields.String(), required=True)
    findings = fields.List(fields.Nested(RuleOut), required=True)


class ConsignmentOut(RowOut):
    number = fields.String(required=True)
    sscc = fields.String(required=True)
    state = Word(ConsignmentState, required=True)
    shipped_at = At()
    due_at = At(metadata={"description": "The latest arrival."})
    given_up_at = optional(
        At, metadata={"description": "When it was given up as lost in transit; it may arrive afterwards."}
    )
    shipper_id = fields.String()
    consignee_id = fields.String()
    from_site_id = fields.String()
    to_site_id = fields.String()
    place_id = fields.String()
    tally = fields.Dict(keys=fields.String(), values=fields.Integer())


class LineOut(Out):
    """One line of a count. A vial that the record does not know has the code that was read instead."""

    vial = optional(fields.Nested, VialOut)
    code = optional(fields.String)
    found = fields.String(required=True)
    counted_at = optional(At)


class SeenOut(Out):
    """One line of the count of a place. `place_id` is where the record had the vial then."""

    vial_id = optional(fields.String)
    serial = optional(fields.String)
    code = optional(fields.String)
    seen = fields.String(required=True)
    place_id = optional(fields.String)
    at = At()


class StocktakeOut(RowOut):
    number = fields.String(required=True)
    place_id = fields.String(required=True)
    begun_at = At()
    ended_at = optional(At)
    dropped = fields.Boolean()
    tally = fields.Dict(keys=fields.String(), values=fields.Integer())
    lines = fields.List(fields.Nested(SeenOut))
    left = fields.List(
        fields.String(), metadata={"description": "Vials that the record has there now and that were not scanned yet."}
    )


class HandoverOut(RowOut):
    carrier = fields.String()
    seal = fields.String()
    seal_whole = fields.Boolean()
    condition = fields.String()
    temperature_mc = optional(fields.Integer)
    at = At()


class SensorFileOut(RowOut):
    sha256 = fields.String(required=True)
    format = fields.String()
    serial = optional(fields.String)
    interval_s = fields.Integer()
    readings = fields.Integer()
    first = At()
    last = At()
    judgement = fields.Dict(keys=fields.String())


class SensorOut(RowOut):
    serial = fields.String(required=True)
    organisation_id = fields.String(required=True)
    giai = optional(fields.String)
    maker = fields.String()
    zone = fields.String()
    interval_s = fields.Integer()
    live = fields.Boolean()
    place_id = optional(fields.String, metadata={"description": "Where it hangs now."})
    hung_since = At(allow_none=True)
    last_at = At(allow_none=True)
    last_mc = optional(fields.Integer)
    calibrated_until = optional(fields.Date)
    calibrated = fields.Boolean(metadata={"description": "What it says today in limits counts."})
    silent = fields.Boolean()


class AssignmentOut(RowOut):
    place_id = fields.String()
    consignment_id = optional(fields.String)
    since = At()
    until = At(allow_none=True)


class CalibrationOut(RowOut):
    certificate = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date()


class SensorWholeOut(SensorOut):
    assignments = fields.List(fields.Nested(AssignmentOut))
    calibrations = fields.List(fields.Nested(CalibrationOut))
    files = fields.List(fields.Nested(SensorFileOut))


class ExcursionOut(RowOut):
    number = fields.String(required=True)
    place_id = fields.String(required=True)
    consignment_id = optional(fields.String)
    since = At()
    until = At(allow_none=True, metadata={"description": "null: no end was seen."})
    peak_mc = fields.Integer()
    low_limit_mc = fields.Integer()
    high_limit_mc = fields.Integer()
    closed_at = At(allow_none=True)
    state = fields.String(metadata={"description": "going, undecided, decided or empty"})
    vials = fields.Integer(metadata={"description": "How many were there."})
    undecided = fields.Integer()
    given = fields.Integer()


class ThereOut(Out):
    """A vial that was there."""

    vial_id = fields.String(required=True)
    serial = fields.String()
    lot = fields.String()
    state = Word(Custody)
    here_s = fields.Integer(metadata={"description": "How long it was there during the excursion."})
    used_s = fields.Integer(metadata={"description": "Out of storage in all."})
    budget_s = fields.Integer()
    left_s = fields.Integer()
    known = fields.Boolean(metadata={"description": "Its temperature is wholly known."})
    verdict = Word(Verdict)
    findings = fields.List(fields.String())
    waits = fields.Boolean(metadata={"description": "Nobody has decided on it."})


class DispositionOut(RowOut):
    vial_id = fields.String(required=True)
    decision = fields.String(required=True)
    until = optional(fields.Date)
    attachment_id = optional(fields.String)
    decided_at = At()


class ExcursionWholeOut(ExcursionOut):
    there = fields.List(fields.Nested(ThereOut))
    dispositions = fields.List(fields.Nested(DispositionOut))


class ConsignmentWholeOut(ConsignmentOut):
    lines = fields.List(fields.Nested(LineOut))
    handovers = fields.List(fields.Nested(HandoverOut))
    files = fields.List(fields.Nested(SensorFileOut))


# ------------------------------------------------------------------------------------------ who, where, what, stops


class SiteOut(RowOut):
    name = fields.String()
    gln = optional(fields.String)
    zone = fields.String()


class OrganisationOut(RowOut):
    name = fields.String(required=True)
    kind = fields.String()
    sites = fields.List(fields.Nested(SiteOut))


class PlaceOut(RowOut):
    site_id = fields.String()
    parent_id = optional(fields.String)
    kind = fields.String()
    name = fields.String()
    code = fields.String(required=True)
    quarantine = fields.Boolean()
    longest_age_s = optional(fields.Integer)
    vials = fields.Integer(metadata={"description": "How many lie there now."})


class PersonOut(RowOut):
    username = fields.String(required=True)
    name = fields.String(required=True)
    title = fields.String()
    language = fields.String()
    organisation_id = fields.String()
    grants = fields.List(fields.Nested(GrantOut))


class SpecificationOut(RowOut):
    test = fields.String()
    version = fields.Integer()
    method = fields.String()
    unit = fields.String()
    low = optional(fields.String)
    high = optional(fields.String)
    expected = optional(fields.String)
    mandatory = fields.Boolean()
    valid_from = fields.Date(required=True, metadata={"description": "In force from this day."})
    valid_until = optional(
        fields.Date, metadata={"description": "Through this day; else until a later version begins."}
    )
    issued_at = At()


class InForceOut(SpecificationOut):
    in_force = fields.Boolean(required=True, metadata={"description": "On the day that is given."})


class SpecifiedOut(Out):
    product_version_id = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "Of the product."})
    specifications = fields.List(fields.Nested(InForceOut), required=True)


class SpecificationsOut(Out):
    product_id = fields.String(required=True)
    day = fields.Date(required=True)
    versions = fields.List(fields.Nested(SpecifiedOut), required=True)


class ProductVersionOut(RowOut):
    version = fields.Integer()
    strength = fields.String()
    volume_ul = fields.Integer()
    low_mc = fields.Integer()
    high_mc = fields.Integer()
    thaw_s = optional(fields.Integer)
    in_use_s = optional(fields.Integer)
    budget_s = fields.Integer()
    freeze_sensitive = fields.Boolean()
    mkt_applies = fields.Boolean()
    specifications = fields.List(fields.Nested(SpecificationOut))


class ProductOut(RowOut):
    gtin = fields.String(required=True)
    name = fields.String(required=True)
    organisation_id = fields.String()
    versions = fields.List(fields.Nested(ProductVersionOut))


class MaterialOut(RowOut):
    organisation_id = fields.String()
    kind = fields.String()
    code = fields.String(required=True)
    description = fields.String()


class SuspensionOut(Out):
    since = fields.Date(required=True)
    until = optional(fields.Date, metadata={"description": "The last day, where it was lifted."})


class CredentialOut(RowOut):
    organisation_id = fields.String()
    kind = fields.String()
    number = fields.String(required=True)
    issuer = fields.String()
    scope = fields.String()
    valid_from = optional(fields.Date)
    valid_until = optional(fields.Date)
    suspensions = fields.List(fields.Nested(SuspensionOut), required=True)
    attachment_id = optional(fields.String)
    product_id = optional(fields.String, metadata={"description": "Of this product alone; null: as its scope says."})


class ScopeOut(Out):
    kind = fields.String(required=True)
    target_id = fields.String(required=True)
    since = optional(At)
    until = optional(At)


class HoldOut(RowOut):
    number = fields.String(required=True)
    title = fields.String()
    organisation_id = fields.String()
    excursion_id = optional(fields.String)
    placed_at = At()
    lifted_at = optional(At)
    scopes = fields.List(fields.Nested(ScopeOut), metadata={"description": "Of what it covers: what you may see."})


class RecallOut(RowOut):
    number = fields.String(required=True)
    title = fields.String()
    organisation_id = fields.String()
    class_ = fields.Integer()
    mandatory = fields.Boolean()
    started_at = At()
    withdrawn_at = optional(At)
    closed_at = optional(At)
    mock = fields.Boolean(
        metadata={"description": "A mock recall: it was withdrawn from its first moment and stops nothing."}
    )
    scopes = fields.List(fields.Nested(ScopeOut), metadata={"description": "Of what it covers: what you may see."})


class CaseOut(RowOut):
    number = fields.String(required=True)
    kind = Word(CaseKind)
    severity = Word(CaseSeverity)
    title = optional(fields.String)
    description = optional(fields.String)
    complainant = optional(fields.String)
    organisation_id = fields.String()
    owner_id = optional(fields.String)
    due_at = At()
    lot_id = optional(fields.String)
    vial_id = optional(fields.String)
    consignment_id = optional(fields.String)
    excursion_id = optional(fields.String)
    material_id = optional(fields.String)
    opened_at = At()
    closed_at = optional(At)


class SignatureOut(Out):
    person_id = fields.String()
    name = fields.String()
    role = Word(Role)
    behalf = optional(fields.String, metadata={"description": "For whom, where the role was handed over."})
    meaning = Word(Meaning)
    digest = fields.String()
    signed_at = At()


class EntryOut(Out):
    """One entry of the ledger as it was hashed; `leaf` is its leaf in the tree."""

    number = fields.Integer(required=True)
    act_id = fields.String(required=True)
    act = fields.String(required=True)
    outcome = fields.String(required=True, metadata={"enum": ["done", "refused"]})
    person_id = fields.String(required=True)
    person = fields.String()
    role = optional(fields.String)
    source = fields.String()
    noun_id = optional(fields.String)
    about = fields.List(fields.String())
    occurred_at = At(required=True)
    recorded_at = At(required=True)
    answer = optional(fields.Dict, keys=fields.String())
    changes = fields.List(fields.Dict(keys=fields.String()))
    refusal = optional(fields.Dict, keys=fields.String())
    signatures = fields.List(fields.Nested(SignatureOut))
    leaf = fields.String(required=True)
    intact = fields.Boolean(required=True, metadata={"description": "false: its words are not those that were hashed."})


class CheckpointOut(Out):
    """What the installation signs of one ledger: Ed25519 by `key` over origin, ledger, size, root and time, a line each."""

    origin = fields.String(required=True)
    ledger = fields.String(required=True)
    size = fields.Integer(required=True)
    root = fields.String(required=True)
    at = fields.String(required=True)
    key = fields.String(required=True)
    signature = fields.String(required=True)


class ProofOut(Out):
    """RFC 9162, 2.1.3: `leaf` is SHA-256 over a zero byte and `entry`, and leaf `number` - 1 of the tree under the checkpoint."""

    number = fields.Integer(required=True)
    entry = fields.String(required=True, metadata={"description": "The entry, letter by letter as it was hashed."})
    leaf = fields.String(required=True)
    path = fields.List(fields.String(), required=True, metadata={"description": "In hex, the lowest first."})
    checkpoint = fields.Nested(CheckpointOut, required=True)


class GrowthOut(Out):
    """The checkpoint of now and, where `since` was asked, RFC 9162, 2.1.4: it goes on from the tree with that `root`."""

    checkpoint = fields.Nested(CheckpointOut, required=True)
    since = optional(fields.Integer)
    root = optional(fields.String)
    path = optional(fields.List, fields.String())


def page_of(item: type[Out]) -> type[Out]:
    """`{"items": […], "next": cursor | null}` of one noun."""
    made = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": optional(
            fields.String, required=True, metadata={"description": "Give it as `after` to read on; null: the end."}
        ),
    }
    return type(item.__name__.removesuffix("Out") + "PageOut", (Out,), made)
