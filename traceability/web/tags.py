"""Labels of boxes, places, sensors, badges and wristbands: each from the page of its thing; and the scanner's self-test sheet.

Nothing is noted by drawing one. A number of a patient comes by POST only, is looked up by an act, and stands in no address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from traceability import asking
from traceability.asking import actor, store
from traceability.domain.errors import NotFound, Refused
from traceability.domain.labels import PAPERS
from traceability.domain.tags import EVERY
from traceability.services import choices, tags
from traceability.services.tags import Noun
from traceability.web import blueprint, paper, posting
from traceability.web.links import may


@dataclass(frozen=True, slots=True)
class Kind:
    """A thing that is labelled: its list and its own page, and what its label is called."""

    noun: Noun
    path: str
    section: str
    listed: str
    all_of_them: Any
    title: Any
    used: Any


KINDS = (
    Kind(
        "consignment", "consignments", "web.consignments", "web.consignments", _("Consignments"), _("Label of the box"),
        _("On the box before it leaves: what is in it, and how cold it stays. Scanned, it leads to the consignment."),
    ),
    Kind(
        "place", "places", "web.places", "web.places", _("Stock"), _("Label of the place"),
        _("On the door or the shelf. Scanned, it leads to the place; where vials are put away, it chooses it."),
    ),
    Kind(
        "sensor", "sensors", "web.places", "web.sensors", _("Sensors"), _("Label of the sensor"),
        _("On the sensor or the logger. Scanned, it leads to the sensor."),
    ),
    Kind(
        "person", "people", "web.people", "web.people", _("People"), _("Badge"),
        _("The name is printed to be read by people. The code holds a number of its own and no name."),
    ),
    Kind(
        "subject", "subjects", "web.subjects", "web.subjects", _("Subjects"), _("Wristband"),
        _("The code says the pseudonym: no name, and no number of the house. At the bedside it is read like any wristband."),
    ),
)  # fmt: skip


def page(kind: Kind, noun_id: str, trouble: posting.Trouble | None = None) -> ResponseReturnValue:
    """Each size as it would look, and the paper; or why this thing has no label."""
    made, why = None, ""
    with store().read(actor()) as view:
        try:
            made = tags.tag(view, kind.noun, noun_id)
        except NotFound:
            raise
        except Refused as refused:
            why = posting.refusal(refused).general[0]
        looks = {name: paper.picture(drawn) for name, drawn in tags.looks(made, kind.noun).items()} if made else {}
        name = choices.name_of(view, kind.noun, noun_id)
    fits = [layout for layout, drawn in looks.items() if drawn]
    given = {"layout": next(iter(fits), ""), "paper": PAPERS[0], "start": "0"} | asked()
    html = render_template(
        "labels/label.html", kind=kind, noun_id=noun_id, name=name, why=why, looks=looks, given=given, trouble=trouble,
        layouts={layout: EVERY[layout] for layout in tags.SIZES[kind.noun]}, papers=paper.papers(), section=kind.section,
        gsrn=kind.noun == "subject" and may("subject.look_up"),
    )  # fmt: skip
    return html, trouble.status if trouble else 200


def asked() -> dict[str, str]:
    """What was chosen, in the address or in the form."""
    return {name: told for name in paper.FIELDS if (told := request.values.get(name, "").strip())}


def drawn(kind: Kind, noun_id: str, made: Callable[[], tags.Tag]) -> ResponseReturnValue:
    """The file, or the page again with what is in its way."""
    told = {"layout": "", "paper": PAPERS[0], "start": "0"} | asked()
    try:
        file = tags.file(made(), kind.noun, told["layout"], paper=told["paper"], start=paper.start_cell(told["start"]))
    except NotFound:
        raise
    except Refused as refused:
        found = posting.refusal(refused)
        at_code = refused.code.startswith(("wristband_", "code_")) and request.method == "POST"
        return page(
            kind,
            noun_id,
            posting.Trouble(found.status, {"code": found.general[0]}) if at_code else paper.at_field(found),
        )
    return paper.sent(file, told["paper"], f"{kind.noun}-{noun_id[-6:]}")


def _labelled(kind: Kind) -> None:
    """The two addresses of one kind of thing."""

    def view(**at: str) -> ResponseReturnValue:
        return page(kind, at[f"{kind.noun}_id"])

    def file(**at: str) -> ResponseReturnValue:
        noun_id = at[f"{kind.noun}_id"]

        def made() -> tags.Tag:
            with store().read(actor()) as view:
                return tags.tag(view, kind.noun, noun_id)

        return drawn(kind, noun_id, made)

    path = f"/{kind.path}/<{kind.noun}_id>/label"
    blueprint.add_url_rule(path, f"{kind.noun}_label", view)
    blueprint.add_url_rule(f"{path}.pdf", f"{kind.noun}_label_file", file)


for each in KINDS:
    _labelled(each)


@blueprint.post("/subjects/<subject_id>/label.pdf", endpoint="subject_band")
def subject_band(subject_id: str) -> ResponseReturnValue:
    """A wristband, with the number that this patient wears already (8018) where one was read; that code is in no address."""
    code = request.form.get("code", "").strip()

    def made() -> tags.Tag:
        if code:
            call = asking.call_of({}, request.form.get("act_id", "") or asking.new_id())
            return tags.band(store(), actor(), call, subject_id, code)
        with store().read(actor()) as view:
            return tags.tag(view, "subject", subject_id)

    return drawn(KINDS[-1], subject_id, made)


@blueprint.get("/scan/setup/sheet", endpoint="self_test_sheet")
def self_test_sheet() -> ResponseReturnValue:
    """The sheet with the two symbols, on the paper that was clicked."""
    told = request.args.get("paper", "") or PAPERS[0]
    if told not in PAPERS:
        abort(404)
    return paper.sent(tags.self_test(paper=told), told, "scanner-self-test")
