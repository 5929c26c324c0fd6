from __future__ import annotations
from typing import Any
import pytest
from tests.browser.axe import overflow, policy_violations, violations, watch_policy
from tests.browser.wedge import wedge, keys
from tests.browser.test_wedge import code
from traceability.domain.selftest import DATAMATRIX, QR
from traceability.services import vials, stocktakes
from tests.clinic import GTIN

@pytest.mark.parametrize("width, scheme, lang", [(1280, "light", "en-US"), (360, "dark", "id-ID")])
def test_shots(browser: Any, live: Any, sign_in: Any, clinic: Any, width, scheme, lang) -> None:
    clinic.released_lot("UC26-H3", 6)
    clinic.arrived(clinic.shipped(clinic.lot("UC26-K2", 3)))
    clinic.clock.tick(minutes=5)
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K006").id, clinic.ids["freezer"])
    clinic.clock.tick(minutes=5)
    context = browser.new_context(base_url=live.url, viewport={"width": width, "height": 900}, color_scheme=scheme, locale=lang)
    p = context.new_page(); p.set_default_timeout(15000); watch_policy(p)
    told = {}
    n = f"{width}"
    def shot(name):
        p.wait_for_timeout(120)
        p.screenshot(path=f"/tmp/shots_scan/{name}-{n}.png", full_page=True)
        f = violations(p) + overflow(p) + policy_violations(p)
        if f: told[name] = f
    sign_in(p, "putri")
    p.goto("/scan"); shot("scan")
    wedge(p, code(), "none"); p.locator("[data-unread]").wait_for(state="attached"); shot("scan-unread")
    for k in ("put_away","move","reserve","issue","take_back","arrive","count"):
        r = p.goto(f"/scan/{k}"); assert r.status == 200, (k, r.status); shot(f"mode-{k}")
    p.goto("/scan/move"); wedge(p, "F-01-Q"); p.locator("#heard.ok").wait_for()
    wedge(p, code("H3K001")); p.locator("#heard.info").wait_for()
    wedge(p, code("H3K006")); p.locator("#heard.ok b").wait_for(); p.wait_for_timeout(600)
    wedge(p, code("NEVER9")); p.locator("#heard.stop").wait_for(); shot("move-batch")
    p.locator("[data-aside]").click(); wedge(p, "F-01"); p.locator("#heard.ask").wait_for(); shot("move-asks")
    p.goto("/scan/count"); wedge(p, "F-01"); p.wait_for_url("**/stocktakes/**")
    wedge(p, code("H3K002")); p.locator("#heard.ask").wait_for(); shot("stocktake")
    p.goto(p.url.split("?")[0] + "/finish"); shot("stocktake-finish")
    p.locator("form button[type=submit]").last.click(); p.wait_for_timeout(800); shot("stocktake-done")
    p.goto("/scan/setup"); shot("setup")
    wedge(p, "]d2" + DATAMATRIX.text.translate(str.maketrans("yzYZ","zyZY")), "none"); p.locator("#heard.stop").wait_for(); shot("setup-wrong")
    wedge(p, "]d2" + DATAMATRIX.text); p.wait_for_timeout(800)
    wedge(p, "]Q3" + QR.text, "alt"); p.locator("#heard.ok").wait_for(); shot("setup-ready")
    context.close()
    print(told)
    assert not told
