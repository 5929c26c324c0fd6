"""Every part of the shell renders, carries nothing inline, names icons that exist, and speaks both languages."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel.messages.extract import extract_from_dir
from lxml import html

from tests.web.gallery import PACKAGE, gallery
from traceability.web import filters, language

PAGES = ["/", "/?few", "/toast", "/forms", "/bedside-parts", "/problem", "/sign-in", "/sign-in?error=yes", "/api",
         "/verdict/use", "/verdict/do_not_use", "/verdict/ask_qa", "/verdict/provisional", "/verdict/rest"]  # fmt: skip
OURS = [*(PACKAGE / "templates").glob("_*.html"), PACKAGE / "templates/base.html", PACKAGE / "templates/error.html",
        PACKAGE / "templates/api_docs.html", PACKAGE / "templates/session/sign_in.html"]  # fmt: skip
MOMENT = datetime(2026, 11, 22, 11, 4, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def app():
    return gallery()


@pytest.fixture
def indonesian(app):
    with app.test_request_context("/", headers={"Cookie": "language=id"}):
        yield


@pytest.fixture
def english(app):
    with app.test_request_context("/"):
        yield


@pytest.fixture(params=[(page, lang) for page in PAGES for lang in language.LANGUAGES], ids=lambda p: f"{p[0]} {p[1]}")
def shown(app, request):
    page, lang = request.param
    client = app.test_client()
    client.set_cookie("language", lang)
    response = client.get(page)
    assert response.status_code == 200
    return html.document_fromstring(response.data), response


def test_a_page_has_no_inline_style_script_or_handler(shown):
    tree, response = shown
    assert not tree.xpath("//style | //*[@style]")
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith(("on", "hx-on"))]
    nonces = {script.get("nonce") for script in tree.xpath("//script")}
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in response.headers["Content-Security-Policy"]
    assert not tree.xpath("//script[not(@src)]")
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_icons_exist_ids_are_single_and_references_lead_somewhere(shown):
    tree, _ = shown
    sprite = set(re.findall(r'id="(i-[a-z]+)"', (PACKAGE / "static/icons.svg").read_text()))
    used = {use.get("href").partition("#")[2] for use in tree.xpath("//use")}
    assert used <= sprite
    ids = tree.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))
    for name in ("aria-labelledby", "aria-describedby", "for"):
        for named in tree.xpath(f"//@{name}"):
            assert set(named.split()) <= set(ids), named
    for target in tree.xpath("//a[starts-with(@href, '#')]/@href"):
        assert target[1:] in ids


def test_every_post_carries_a_csrf_token(shown):
    tree, _ = shown
    for form in tree.xpath("//form[@method='post']"):
        assert form.xpath(".//input[@name='csrf_token']/@value") == ["a-token"]


def test_every_form_has_an_act_id_of_its_own(app):
    tree = html.document_fromstring(app.test_client().get("/forms").data)
    ids = tree.xpath("//input[@name='act_id']/@value")
    assert len(set(ids)) == len(ids) == 2


def test_templates_close_what_they_open():
    for path in OURS:
        text = path.read_text(encoding="utf-8")
        for tag in (
            "li",
            "p",
            "td",
            "th",
            "tr",
            "dt",
            "dd",
            "option",
            "thead",
            "tbody",
            "div",
            "section",
            "use",
        ):
            assert len(re.findall(rf"<{tag}[\s>{{]", text)) == text.count(f"</{tag}>"), f"{path.name}: {tag}"


ALIKE = ("Menu", "Lot", "Vial", "VAS", "tab", ("Lot", "Lots"))  # the same word in both languages


def test_every_word_of_the_shell_is_known_in_indonesian():
    known = language.catalogue("id")
    words = {(context, message) for _, _, message, _, context in extract_from_dir(
        PACKAGE / "templates", method_map=[("**.html", "jinja2")], options_map={"**.html": {"newstyle_gettext": "true"}})}  # fmt: skip
    shell = {(c, m) for c, m in words if any((m if isinstance(m, str) else m[0]) in path.read_text() for path in OURS)}
    assert len(shell) > 80
    told = [
        (context, message) for context, message in shell
        if (known.pgettext(context, message) if context else known.ngettext(*message[:2], 2) if isinstance(message, tuple) else known.gettext(message))
        == (message if isinstance(message, str) else message[1]) and message not in ALIKE
    ]  # fmt: skip
    assert not told


def test_vendored_files_are_the_listed_ones():
    for folder in (PACKAGE / "static/vendor", PACKAGE.parent.parent / "tests/vendor"):
        rows = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (folder / "README.md").read_text(), re.MULTILINE)
        assert rows
        assert {path.name for path in folder.glob("*.[cj]s*") if "LICENSE" not in path.name} == {
            name for name, _ in rows
        }
        for name, digest in rows:
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_headers_are_strict_and_pages_are_not_kept(app):
    client = app.test_client()
    page = client.get("/", base_url="https://localhost")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert client.get("/").headers["Content-Security-Policy"] != client.get("/").headers["Content-Security-Policy"]
    stamped = re.search(r"/static/app\.js\?v=\w+", client.get("/").text).group()
    with client.get(stamped) as file:
        assert "immutable" in file.headers["Cache-Control"]
    assert client.get("/static/none.js?v=1").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("target, leads", [
    ("/lots?state=held", "/lots?state=held"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/"),
    ("javascript:alert(1)", "/"), ("", "/"), ("/a\r\nb", "/"), ("/\t/evil.example", "/")])  # fmt: skip
def test_the_language_link_keeps_to_this_site(app, target, leads):
    response = app.test_client().get("/language/id", query_string={"next": target})
    assert response.status_code == 303
    assert response.headers["Location"] == leads
    assert "language=id" in response.headers["Set-Cookie"]


def test_an_unknown_language_is_not_found(app):
    assert app.test_client().get("/language/xx").status_code == 404


def test_values_read_well_in_english(english):
    assert filters.datetime_local(MOMENT, "Asia/Jakarta") == (
        '<time datetime="2026-11-22T11:04:09Z" title="22 Nov 2026 11:04 UTC">22 Nov 2026 18:04 WIB</time>')  # fmt: skip
    assert ">18:04:09<" in filters.time_local(MOMENT, "Asia/Jakarta", seconds=True)
    assert ">31 Aug 2027<" in filters.date_local(date(2027, 8, 31))
    assert ">23 Nov 2026<" in filters.date_local(datetime(2026, 11, 22, 17, 0, tzinfo=UTC), "Asia/Jakarta")
    assert filters.number(48211) == "48\u00a0211"
    assert filters.number(Decimal("-4.20")) == "−4.20"
    assert filters.temperature(-20400) == "−20.4\u00a0°C"
    assert filters.temperature(-14960) == "−14.96\u00a0°C"
    assert filters.temperature(0) == "0.0\u00a0°C"
    assert filters.temperature(-40000) == "−40.0\u00a0°C"
    assert filters.temperature_band(-25000, -15000) == "−25 to −15\u00a0°C"
    assert filters.duration(14760) == "4\u00a0h 06\u00a0min"
    assert filters.duration(14769, exact=True) == "4\u00a0h 06\u00a0min 09\u00a0s"
    assert [filters.duration(s) for s in (0, 59, 60, 3600)] == [
        "0\u00a0s",
        "59\u00a0s",
        "1\u00a0min",
        "1\u00a0h 00\u00a0min",
    ]
    assert [filters.volume_ml(ul) for ul in (3000, 2500, 50, 10_000)] == [
        "3\u00a0mL",
        "2.5\u00a0mL",
        "0.05\u00a0mL",
        "10\u00a0mL",
    ]
    assert filters.zone_name("Asia/Singapore") == "UTC+8"


def test_values_read_well_in_indonesian(indonesian):
    assert ">22 Nov 2026 18.04 WIB<" in filters.datetime_local(MOMENT, "Asia/Jakarta")
    assert filters.temperature(-20400) == "−20,4\u00a0°C"
    assert filters.duration(14760) == "4\u00a0jam 06\u00a0menit"
    assert filters.temperature_band(-25000, -15000) == "−25 sampai −15\u00a0°C"
    assert filters.volume_ml(2500) == "2,5\u00a0mL"


def test_what_is_missing_is_a_dash_and_a_time_without_zone_is_refused(english):
    assert {each(None) for each in (filters.datetime_local, filters.date_local, filters.number, filters.temperature,
                                    filters.duration, filters.volume_ml)} == {"–"}  # fmt: skip
    with pytest.raises(ValueError, match="zone"):
        filters.datetime_local(datetime(2026, 11, 22, 11, 4))
    with pytest.raises(TypeError):
        filters.number(4.2)
