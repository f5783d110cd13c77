"""The page in a real browser: it logs in, follows changes, and takes back what lapsed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, expect

from registry.clock import SystemClock
from registry.live import Frame
from registry.look import FeedKey, Look
from registry.models import Camera, DeliveryStatus, FeedStatus
from registry.vocabulary import CameraKind, DeliveryState, Depth, FailingAt, Reason, Role
from tests.fakes.service import Service, service_at

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(120),
    # How a page looks does not hang on the database; what is on it is tested on both elsewhere.
    pytest.mark.parametrize("databases", ["sqlite_files"], indirect=True, ids=["sqlite"]),
]

# A whole JPEG of one gray pixel.
JPEG = bytes.fromhex(
    "ffd8ffdb004300" + "10" * 64 + "ffc0000b080001000101011100ffc40014000100000000000000000000"
    "0000000000000009ffc40014100100000000000000000000000000000000ffda0008010100003f0037ffd9"
)


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    async with service_at(database_url, SystemClock()) as service:
        async with service.planting() as plant:
            await plant.camera("A1", name="Площадь", seen_ago=1)
            await plant.camera(
                "A2",
                state=DeliveryState.NOT_REACHING,
                reason=Reason.TIMEOUT,
                failing_at=FailingAt.LINK,
                seen_ago=1,
            )
            await plant.camera("A3", kind=CameraKind.DOORWAY, seen_ago=1)
        service.live.frames[FeedKey("A1", "main")] = Frame(JPEG, service.clock.now())
        yield service


@pytest.fixture
async def page(browser: Browser, service: Service) -> AsyncIterator[Page]:
    """Logged in through the form. What the browser complains of, violations of CSP too, fails."""
    context = await browser.new_context(
        base_url=str(service.client.make_url("/")), locale="ru-RU", reduced_motion="reduce"
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto("/?kind=street")
    await page.get_by_label("Токен доступа").fill(service.tokens[Role.OPERATOR])
    await page.get_by_label("Токен доступа").press("Enter")
    # From then on the scripts of the page are at work.
    await expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
    yield page
    await context.close()
    # Chromium complains of a cut connection and of a refused form, which tests do on purpose.
    expected = ("net::ERR_", "a status of 422")
    assert [each for each in complaints if not any(part in each for part in expected)] == []


async def test_the_wall_shows_each_state_in_words(page: Page):
    assert page.url.endswith("/?kind=street")
    await expect(page.locator(".tile")).to_have_count(2)
    broken = page.locator("#tile-A2")
    await expect(broken).to_have_attribute("data-state", "not_reaching")
    await expect(broken).to_contain_text("не поступает")
    await expect(broken).to_contain_text("на линии связи")
    await expect(page.locator("#tile-A1")).to_contain_text("поступает")
    shown = page.locator("#tile-A1 img")
    await expect(shown).to_have_js_property("naturalWidth", 1)


async def test_a_filter_takes_effect_when_it_is_chosen(page: Page):
    await page.locator("select[name=kind]").select_option("doorway")

    await expect(page.locator(".tile")).to_have_count(1)
    await expect(page.locator("#tile-A3")).to_contain_text("для подъездных камер кадры отключены")


async def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """As somebody without a mouse gets there; what never comes is told by its name."""
    for _ in range(60):
        if await page.locator(selector).evaluate("each => each === document.activeElement"):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"no {key} leads to {selector!r}")


async def test_a_shift_is_worked_with_keys_alone(page: Page, service: Service):
    await page.context.clear_cookies()
    await page.goto("/login")
    await tab_to(page, "#token")
    await page.keyboard.type(service.tokens[Role.OPERATOR])
    await page.keyboard.press("Enter")
    await expect(page.locator(".tile")).to_have_count(3)

    await page.keyboard.press("/")
    await page.keyboard.type("A1")
    await page.keyboard.press("Enter")
    await expect(page.locator(".tile")).to_have_count(1)
    await tab_to(page, "#open-A1")
    await page.keyboard.press("Enter")
    await tab_to(page, "#look-now button")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("В очереди")
    await tab_to(page, ".back a", "Shift+Tab")
    await page.keyboard.press("Enter")

    await expect(page.locator(".tile")).to_have_count(3)


async def test_the_map_draws_sites_without_a_tile_server(page: Page):
    await page.get_by_role("link", name="Карта").click()

    marker = page.locator(".leaflet-marker-icon")
    await expect(marker).to_have_count(1)
    await expect(marker).to_have_attribute("data-state", "not_reaching")
    await expect(page.locator(".leaflet-control-scale-line")).to_have_text(re.compile(r"^\d+ к?м$"))
    await page.locator("[data-place=zhansugurov-114]").click()
    await expect(page.locator(".leaflet-popup-content")).to_contain_text("не поступает: 1")


async def test_a_camera_is_renamed_and_what_is_refused_is_said_at_its_field(page: Page):
    await page.goto("/cameras/A1")
    await page.get_by_role("link", name="Изменить").click()
    await page.get_by_label("территория").fill("zhetisu/nowhere")
    await page.get_by_role("button", name="Сохранить").click()
    refused = page.locator("[data-name=area] .field-problem")
    await expect(refused).to_contain_text("zhetisu/nowhere")

    await page.get_by_label("территория").fill("zhetisu/taldykorgan")
    await page.get_by_label("название").fill("Площадь у фонтана")
    await page.get_by_role("button", name="Сохранить").click()
    await expect(page.locator(".said")).to_have_text("Сохранено.")
    await page.goto("/cameras/A1")

    await expect(page.get_by_role("heading", level=1)).to_have_text("Площадь у фонтана")


async def test_a_change_is_shown_without_asking(page: Page, service: Service):
    async with service.database.write() as session:
        await session.execute(
            sa.update(DeliveryStatus).values(state=DeliveryState.REACHING, reason=None)
        )
    service.live.announce("A2")

    await expect(page.locator("#tile-A2")).to_have_attribute(
        "data-state", "reaching", timeout=10_000
    )


async def test_knowledge_lapses_by_itself_when_nothing_is_heard(page: Page, service: Service):
    until = service.clock.now() + timedelta(seconds=6)
    async with service.database.write() as session:
        await session.execute(sa.update(DeliveryStatus).values(valid_until=until))
        await session.execute(sa.update(FeedStatus).values(valid_until=until))
    await page.reload()
    await expect(page.locator("#tile-A1")).to_have_attribute("data-state", "reaching")

    await service.client.server.close()

    await expect(page.locator("#banner")).to_be_visible(timeout=25_000)
    await expect(page.locator("#banner")).to_contain_text("Нет связи: показанному уже")
    for tile in ("#tile-A1", "#tile-A2"):
        await expect(page.locator(tile)).to_have_attribute("data-state", "unknown", timeout=15_000)
        await expect(page.locator(tile)).to_contain_text("неизвестно")
        await expect(page.locator(f"{tile} .known")).to_be_hidden()


async def test_an_operator_asks_for_a_look_and_is_told_when_it_is_done(
    page: Page, service: Service
):
    await page.goto("/cameras/A1")
    await page.get_by_role("button", name="Проверить сейчас").click()
    await expect(page.get_by_role("status")).to_contain_text("В очереди")
    (ticket,) = service.live.tickets
    queued = service.live.tickets[ticket]

    service.live.finish(ticket, _look(service))

    assert queued.key == FeedKey("A1", "main")
    await expect(page.get_by_role("status")).to_contain_text("Проверено")


def _look(service: Service) -> Look:
    return Look(depth=Depth.PICTURE, started_at=service.clock.now(), duration_s=1.0)


@pytest.mark.parametrize("width", [390, 1280, 1920])
async def test_no_page_is_wider_than_its_window(page: Page, width: int):
    await page.set_viewport_size({"width": width, "height": 900})
    for path in ("/", "/cameras/A2"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_a_file_is_planned_carried_out_and_taken_back(page: Page, service: Service):
    file = "camera,area,kind,camera_name\nN1,zhetisu/taldykorgan,yard,<b>Двор</b>\n".encode()
    await page.goto("/import")
    await page.get_by_label("Файл").set_input_files(
        {"name": "new.csv", "mimeType": "text/csv", "buffer": file}
    )
    await page.get_by_role("button", name="Показать план").click()
    await expect(page.locator("#plan")).to_contain_text("<b>Двор</b>")
    await page.get_by_role("button", name="Выполнить").click()
    await page.get_by_role("link", name="Что сделано и как отменить").click()
    await expect(page.locator("main")).to_contain_text("импорт")

    await page.get_by_role("button", name="Отменить…").click()
    await expect(page.locator("#planned")).to_contain_text("удалено")
    await page.get_by_label("Почему").fill("не тот файл")
    await page.get_by_role("button", name="Отменить", exact=True).click()

    await expect(page.locator("main")).to_contain_text("не тот файл")
    async with service.database.read() as session:
        assert await session.scalar(sa.select(Camera.id).where(Camera.code == "N1")) is None


async def test_an_admin_makes_an_account_and_is_told_beside_the_field_what_is_wrong(
    page: Page, service: Service
):
    await page.get_by_role("button", name="Выйти").click()
    await page.get_by_label("Токен доступа").fill(service.tokens[Role.ADMIN])
    await page.locator("form:has(#token) button").click()
    await page.get_by_role("link", name="Люди").click()
    form = page.locator("form[data-api='/api/v1/accounts']")
    await form.get_by_label("Имя").fill("Айгуль")
    await form.get_by_label("Пароль").fill("short")
    await form.get_by_label("Территории").fill("zhetisu/aksu")

    async with page.expect_response("**/api/v1/accounts") as refusal:
        await form.get_by_role("button", name="Создать").click()
    assert (await refusal.value).status == 422
    await expect(form.get_by_label("Пароль")).to_be_focused()
    await expect(form.get_by_label("Пароль")).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("Пароль").fill("длинный надёжный пароль 7")
    await form.get_by_role("button", name="Создать").click()

    await expect(page.locator(".person summary")).to_contain_text("Айгуль · наблюдатель")
    await expect(page.locator(".person summary")).to_contain_text("zhetisu/aksu")


async def test_the_api_is_described_out_of_this_machine_alone(page: Page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await page.goto("/api/docs")
    operation = page.locator("#operations-cameras-getCamera")
    await page.get_by_role("button", name="Expand operation").first.wait_for(state="attached")
    await page.locator("#operations-tag-cameras").click()
    await expect(operation).to_contain_text("One camera with its paths, feed by feed, whom to call")
    await operation.click()
    await expect(operation).to_contain_text("lang")

    home = page.url.partition("/api/")[0]
    assert [url for url in asked if not url.startswith((f"{home}/", "data:"))] == []
