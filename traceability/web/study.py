"""Study data: what can be taken out, and who is left out of it; and a table of scores that is read in, column by column."""

from __future__ import annotations

import base64
import json
import zlib

from cryptography.fernet import InvalidToken
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from traceability import asking, problems
from traceability.asking import actor, call_of, new_id, store
from traceability.domain import study_files
from traceability.domain.errors import Refused
from traceability.domain.instruments import INSTRUMENTS
from traceability.domain.study_files import Reading, Table
from traceability.domain.study_files import StudyColumn as C
from traceability.services import outcomes, study_export, study_import
from traceability.services.study_import import StudyFile
from traceability.web import blueprint, logs, posting
from traceability.web.outcomes import subscale_word
from traceability.web.results import lines_of
from traceability.words import choice_word, sentence

WAITS_S, WAITING = 3600, b"waiting study"
MOST_SEALED = 1_500_000
"""What a form can carry."""
CONSTANTS = (C.LATERALITY, C.INSTRUMENT, C.TIME_POINT, C.INSTRUMENT_VERSION, C.UNIT, C.SOURCE, C.READER)
ENDS = {"csv": "csv", "sdtm": "zip"}


@blueprint.get("/study")
def study() -> ResponseReturnValue:
    with store().read(actor()) as view:
        counted = study_export.preview(view)
    return render_template("study/study.html", counted=counted)


@blueprint.post("/study/export")
def study_export_file() -> Response:
    """All that this reader may use, as a file."""
    if not (act_id := request.form.get("act_id", "")):
        raise Refused("act_id_missing")
    chosen = request.form.get("format", "")
    file, done = study_export.take(store(), actor(), call_of({}, act_id), chosen)
    response = Response(file, content_type=study_export.FORMATS[chosen])
    name = f"study-{done.answer['sha256'][:8]}.{ENDS[chosen]}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.route("/study/import", methods=["GET", "POST"])
def study_import_page() -> ResponseReturnValue:
    """A table of scores: sent, mapped, shown line by line, then confirmed. Nothing enters the record before, and then all of it does.

    The file waits in the page itself, sealed, and nowhere else: what it says besides may be who somebody is.
    """
    posting.permitted("study.import_file")
    if not posting.posted():
        return render_template("study/import.html", table=None, trouble=None)
    sent = _sent()
    if sent is None:
        trouble = posting.Trouble(422, {"file": _("Choose the table of the study: CSV.")})
        return render_template("study/import.html", table=None, trouble=trouble), 422
    try:
        table = study_files.read(sent, request.form.get("encoding", ""), request.form.get("separator", ""))
        waiting = _seal_up(sent)
    except Refused as refused:
        trouble = posting.Trouble(problems.status_of(refused.code), {"file": sentence(refused.code, refused.values)})
        return render_template("study/import.html", table=None, trouble=trouble), trouble.status
    asked = request.form.get("step") == "check" and request.form.get("sha256") == table.sha256
    reading = _reading(table) if asked else study_files.guessed(table)
    found, why = None, ""
    if asked:
        file, again = StudyFile(table, reading), request.form.get("confirmed", "")
        try:
            if again and store().answer(
                actor(), request.form.get("act_id", "")
            ):  # sent twice: answered twice, entered once
                return _entered(file)
            with store().read(actor()) as view:
                found = study_import.understood(view, file)
            if again == found.digest:
                return _entered(file)
        except Refused as refused:
            why = sentence(refused.code, refused.values)
    page = render_template(
        "study/import.html", table=table, reading=reading, found=found, why=why, trouble=None, waiting=waiting, targets=_targets(),
        lines=lines_of(found.lines) if found else [], constants=CONSTANTS, choices=_choices(), instruments=_ranged(reading),
        samples=_samples(table),
    )  # fmt: skip
    return page, 422 if why or (found and found.refused) else 200


def _sent() -> bytes | None:
    """The file of this form, or the one that waits in it."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        with sent.stream as stream:
            return stream.read(study_files.MOST_BYTES + 1)
    try:
        person_id, told = json.loads(
            logs.sealing(WAITING).decrypt(request.form.get("waiting", "").encode(), ttl=WAITS_S)
        )
        return zlib.decompress(base64.b64decode(told)) if person_id == actor().person_id else None
    except (InvalidToken, UnicodeEncodeError):
        return None


def _seal_up(data: bytes) -> str:
    told = json.dumps([actor().person_id, base64.b64encode(zlib.compress(data, 9)).decode()])
    sealed = logs.sealing(WAITING).encrypt(told.encode()).decode()
    if len(sealed) > MOST_SEALED:
        raise Refused("body_too_large", most=MOST_SEALED)
    return sealed


def _reading(table: Table) -> Reading:
    """What the person says of it: columns by their place, what holds of every line, and ranges of instruments."""
    told = request.form
    return Reading(
        {heading: told.get(f"column_{n}", "") for n, heading in enumerate(table.headings)},
        {str(name): told.get(f"constant_{name}", "").strip()[:200] for name in CONSTANTS},
        {
            name: (low, high)
            for name in INSTRUMENTS
            if (low := told.get(f"low_{name}", "").strip()) and (high := told.get(f"high_{name}", "").strip())
        },
        told.get("date_order", "iso"),
        told.get("decimal", ""),
    )


def _entered(file: StudyFile) -> ResponseReturnValue:
    done = asking.ask("study.import_file", None, {"file": file}, request.form.get("act_id") or new_id())
    count = done.answer["scores"]
    flash(ngettext("%(num)d score is entered.", "%(num)d scores are entered.", count))
    return redirect(url_for("web.study_import_page"), 303)


def _targets() -> list[tuple[str, str]]:
    """Everything that a column can be, in words: for the choice at each heading."""
    made = [("", _("not read"))]
    for one in study_files.targets():
        if "|" not in one:
            made.append((one, choice_word("StudyColumn", one)))
            continue
        name, subscale, point = one.split("|")
        of = f" {subscale_word(subscale)}" if subscale else ""
        made.append((one, f"{name}{of}, {choice_word('TimePoint', point)}"))
    return made


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Of constants that are of a list."""
    none = ("", _("each line says it, or it is not reported"))
    return {
        "laterality": [
            none,
            ("right", choice_word("Laterality", "right")),
            ("left", choice_word("Laterality", "left")),
        ],
        "instrument": [none, *((name, choice_word("Instrument", name)) for name in INSTRUMENTS)],
        "time_point": [none, *((str(one), choice_word("TimePoint", one)) for one in outcomes.TimePoint)],
    }


def _ranged(reading: Reading) -> list[str]:
    """Instruments of a wide table, whose range no column gives."""
    return [name for name in INSTRUMENTS if any(one.startswith(f"{name}|") for one in reading.columns.values())]


def _samples(table: Table) -> dict[str, str]:
    """The first values under each heading, cut short."""
    firsts = table.rows[:3]
    return {
        heading: ", ".join(row[n][:24] for _line, row in firsts if row[n]) for n, heading in enumerate(table.headings)
    }
