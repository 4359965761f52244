"""One browser for all tests, and the pages that it opens."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from bri_timeline.pages import html


# The modules beside this one, which no other test needs.
sys.path.append(str(Path(__file__).parent))
attacks, driving, webdriver = map(import_module, ("attacks", "driving", "webdriver"))


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Browser]:
    """One browser for all tests; each opens a page anew."""
    with webdriver.open_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pages and pictures are kept."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
def page(browser: webdriver.Browser, pictures: Path) -> webdriver.Browser:
    """The page of the chronicle, opened anew."""
    path = pictures / "chronicle.html"
    html.render(
        driving.LOG, projection=driving.AZE_CHN, title="Azerbaijan and China"
    ).save(path)
    return driving.opened(browser, path)


@pytest.fixture(scope="session")
def hostile(pictures: Path) -> Path:
    """The page of a log with every attack in every field of text."""
    path = pictures / "hostile.html"
    title = "".join(attacks.ATTACKS)
    html.render(attacks.hostile_log(), projection=driving.AZE_CHN, title=title).save(
        path
    )
    return path
