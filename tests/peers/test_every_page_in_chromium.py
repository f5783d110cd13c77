"""Every page at both widths, in each language: nothing runs over or stays untranslated."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page

from registry.clock import SystemClock
from registry.models import LoggedChange
from registry.vocabulary import WORDS, Role
from registry.web.deeds import DEEDS
from registry.web.facts import FIELDS
from registry.web.languages import catalogue
from registry.web.setup import PAGES
from registry.web.words import LABELS, LANGUAGES
from tests.fakes.long_names import CAMERA, plant_long_names
from tests.fakes.service import Service, service_at

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(300),
    # How a page looks does not hang on the database.
    pytest.mark.parametrize("databases", ["sqlite_files"], indirect=True, ids=["sqlite"]),
]

# What is no page of its own: parts that a page asks for, files, and deeds.
NO_PAGE = {"/wall", "/map/now", "/map/places", "/cameras/{code}/now", "/registry", "/events"}
NO_PAGE |= {"/api/docs/{name}", "/language/{language}", "/static/{name}"}
NO_PAGE |= {"/api/docs"}  # written by others, in English, and opened in test_page_in_chromium.py
PLACES = {
    "{code}/feeds/{id}": f"{CAMERA}/feeds/nvr",
    "{code}/deliveries/{center}": f"{CAMERA}/deliveries/ou-long",
    "areas/{path}": "areas/zhetisu%2Ftaldykorgan",
    "centers/{code}": "centers/ou-long",
    "sites/{code}": "sites/school-012-abai-kunanbayev-gymnasium",
    "systems/{code}": "systems/sys-school-012",
    "recorders/{code}": "recorders/nvr-school-012-ground-floor-server-room",
    "cameras/{code}": f"cameras/{CAMERA}",
    "credentials/{code}": "credentials/login-nvr-school-012.taldykorgan.video.zhetisu.example",
    "programs/{code}": "programs/digital-school-2026",
    "contractors/{code}": "contractors/zhetysu-kauipsizdik",
    "contracts/{code}": "contracts/2026-014-vn-obsluzhivanie",
    "assignments/{code}": "assignments/as-school",
    "desks/{code}": "desks/desk-1",
}
FURTHER = (
    "/cameras/A1",
    "/cameras/A2",
    "/cameras/A6",
    "/?site=school-012-abai-kunanbayev-gymnasium&lifecycle=in_service",
    "/?q=такого нет",
    "/nowhere",
    "/?kind=rocket",
)


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with service_at(database_url, SystemClock()) as service:
        await plant_long_names(service)
        yield service


async def log_in(browser: Browser, service: Service, language: str) -> Page:
    home = str(service.client.make_url("/"))
    context = await browser.new_context(base_url=home, locale=language, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto("/login")
    await page.locator("#token").fill(service.tokens[Role.ADMIN])
    await page.locator("#token").press("Enter")
    await page.locator("#grid").wait_for()
    return page


async def every_page(service: Service) -> list[str]:
    """A page that is added comes along by itself; one with a new kind of place fails here."""
    async with service.database.read() as session:
        batch = await session.scalar(sa.select(LoggedChange.batch).limit(1))
    places = PLACES | {"changes/{batch}": f"changes/{batch}"}
    paths = [each.path for each in PAGES if each.method == "GET" and each.path not in NO_PAGE]
    for pattern, place in places.items():
        paths = [path.replace(pattern, place) for path in paths]
    assert [path for path in paths if "{" in path] == []
    return [*paths, *FURTHER]


# What runs over sideways, and buttons whose words do not fit into them.
RUNS_OVER = """() => {
  const root = document.documentElement;
  const wide = root.scrollWidth > root.clientWidth;
  const cut = [...document.querySelectorAll("button, .button, h1, h2, h3")]
    .filter((each) => !each.matches(".unseen") && each.scrollWidth > each.clientWidth + 1);
  const words = cut.map((each) => each.textContent);
  return wide ? [`${root.scrollWidth} of ${root.clientWidth}`, ...words] : words;
}"""


# What is said on a page: each text by itself, and what stands for a picture or a control.
SAID = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const said = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest("[lang=en]")) said.push(walker.currentNode.data);
  }
  const attributes = ["title", "aria-label", "placeholder", "alt"];
  for (const each of document.querySelectorAll(attributes.map((one) => `[${one}]`).join())) {
    said.push(...attributes.map((one) => each.getAttribute(one)));
  }
  return [...new Set(said.filter(Boolean).map((each) => each.trim()))];
}"""


def english() -> set[str]:
    """Every text said otherwise in Russian and Kazakh: of templates, and of closed words."""
    labels = [each for words in LABELS.values() for each in words.values()]
    labels += [*FIELDS.values(), *DEEDS.values(), *(word.label for word in WORDS.values())]
    texts = {each.en for each in labels if each.en not in (each.ru, each.kk)}
    return texts | {message for message in catalogue("en")._catalog if isinstance(message, str)}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_fits_its_width_and_speaks_its_language(
    service: Service, browser: Browser, language: str
):
    page = await log_in(browser, service, language)
    found: dict[str, list[str]] = {}
    untranslated = english() - {"camreach", ""} if language != "en" else set()

    for path in await every_page(service):
        await page.goto(path, wait_until="domcontentloaded")
        for width in (1920, 390):
            await page.set_viewport_size({"width": width, "height": 900})
            found[f"{path} at {width}"] = await page.evaluate(RUNS_OVER)
        found[f"{path} in English"] = sorted(untranslated.intersection(await page.evaluate(SAID)))

    assert {where: what for where, what in found.items() if what} == {}
