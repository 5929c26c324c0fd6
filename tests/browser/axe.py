"""Ask axe-core what keeps people from using a page. `assert not violations(page)` with a playwright page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Any, *, without: tuple[str, ...] = ()) -> list[str]:
    """One line for each element that breaks a rule: rule, what is wrong, where. Empty when clean.

    Through the debugger (CDP), so the page's content policy does not refuse the script.
    """
    page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found = page.evaluate(
        "([tags, without]) => axe.run(document, {runOnly: tags, resultTypes: ['violations'], "
        "rules: Object.fromEntries(without.map((rule) => [rule, {enabled: false}]))})",
        [TAGS, list(without)],
    )
    return [
        f"{rule['id']}: {rule['help']}: {' '.join(map(str, node['target']))} {node['html'][:120]} {node['failureSummary'][:200]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def policy_violations(page: Any) -> list[str]:
    """What the content policy refused on this page; call `watch_policy` before going there."""
    return list(page.evaluate("window.__refused || []"))


def watch_policy(page: Any) -> None:
    page.add_init_script(
        "window.__refused = []; addEventListener('securitypolicyviolation', "
        "(e) => window.__refused.push(e.effectiveDirective + ' ' + e.blockedURI + ' ' + (e.sample || '')))"
    )


def overflow(page: Any) -> list[str]:
    """Elements that stick out of the window to the right, as a person on a phone would see."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll('body *')].filter((e) => {
             const r = e.getBoundingClientRect(), w = document.documentElement.clientWidth;
             if (r.width <= 1 || r.right <= w + 1 || e.closest('.vh, .skip, svg')) return false;
             for (let p = e.parentElement; p; p = p.parentElement)
               if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(p).overflowX)) return false;
             return true;
           }).map((e) => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 40))"""
        )
    )


def clean(page: Any) -> list[str]:
    """What is wrong with the page as it stands: for axe, sticking out of the window, or refused by the content policy."""
    return violations(page) + overflow(page) + policy_violations(page)
