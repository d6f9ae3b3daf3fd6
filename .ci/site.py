"""Whether the site reads well in a browser of 1100 pixels that has nothing but its files: `site.py SITE CHROMIUM`.

Every formula is set, and from the site's own MathJax; no block hides a part of itself; no dollar stands where a formula
was meant; the first screen of the first page shows a picture and the three doors.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SIZE = {"width": 1100, "height": 800}
DOORS = ["I have an instrument", "I have a mediator", "My outcome is missing for some"]
# Waits until formulas are set, and fitted by the site's own script.
SET = "() => window.MathJax?.startup?.promise.then(() => new Promise(requestAnimationFrame))"
# What is wrong with a page, in words. A block that is wider than its place would have to be scrolled.
FAULTS = r"""() => {
  const faults = [];
  const words = element => [...(element.innerText || '').trim().replace(/\s+/g, ' ')].slice(0, 60).join('');
  if (document.documentElement.scrollWidth > innerWidth) faults.push('the page is wider than the window');
  for (const element of document.querySelectorAll('article *:not(mjx-assistive-mml)')) {
    const hides = getComputedStyle(element).overflowX !== 'visible';
    if (hides && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
      faults.push(`${element.scrollWidth - element.clientWidth} px are out of sight: ${words(element)}`);
  }
  for (const image of document.querySelectorAll('article img'))
    if (image.naturalWidth === 0) faults.push(`a picture is not there: ${image.src}`);
  for (const formula of document.querySelectorAll('article .math'))
    if (!formula.querySelector('mjx-container')) faults.push(`a formula is not set: ${words(formula)}`);
  for (const formula of document.querySelectorAll('mjx-merror')) faults.push(`a formula is wrong: ${words(formula)}`);
  const prose = document.querySelector('article').cloneNode(true);
  for (const code of prose.querySelectorAll('pre, code, script, style, mjx-container')) code.remove();
  for (const [found] of prose.textContent.matchAll(/.{0,30}\$.{0,30}/g)) faults.push(`a dollar: ${found}`);
  return faults;
}"""


def shown(page: Page, file: Path) -> list[str]:
    """What is wrong with one page."""
    page.goto(file.as_uri())
    page.evaluate(SET)
    return [str(fault) for fault in page.evaluate(FAULTS)]


def first_screen(page: Page) -> list[str]:
    """What the first screen of the page that is open lacks."""
    wanted = {"a picture": page.locator("article img").first}
    wanted |= {door: page.locator("article a", has_text=door) for door in DOORS}
    boxes = {name: found.bounding_box() if found.count() else None for name, found in wanted.items()}
    return [
        f"{name} is not on the first screen"
        for name, box in boxes.items()
        if box is None or box["x"] + box["width"] > SIZE["width"] or box["y"] + box["height"] > SIZE["height"]
    ]


def main(site: Path, chromium: str) -> int:
    """The number of faults; each is printed."""
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        pages = sorted(file for file in site.rglob("*.html") if not {"_modules", "_static"} & set(file.parts))
        read = [file for file in pages if file not in (site / "index.html", site / "search.html")]
        for file in read:
            faults += [f"{file.relative_to(site)}: {fault}" for fault in shown(page, file)]
        page.goto((site / "index.html").as_uri())  # leads to the first page
        page.wait_for_url((site / "docs/index.html").as_uri())
        faults += [f"docs/index.html: {lack}" for lack in first_screen(page)]
        elsewhere = sorted(url for url in set(asked) if not url.startswith(("file:", "data:")))
        faults += [f"asked of another place: {url}" for url in elsewhere]
        browser.close()
    print("\n".join(faults) or f"{len(read)} pages read in a browser of {SIZE['width']} pixels without a fault")
    return len(faults)


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1]).resolve(), sys.argv[2]), 1))
