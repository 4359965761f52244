"""How hard Hypothesis looks: `pytest --hypothesis-profile=thorough` looks hardest."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings


# The explain phase makes a failure a minute long, and tells little about logs.
_PHASES = [phase for phase in Phase if phase is not Phase.explain]

# A fifth of what Hypothesis tries for everybody: the gate tries others anew, and
# `-m full` and the profile `thorough` more.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    max_examples=20,
    phases=_PHASES,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("great", settings.get_profile("ci"), max_examples=300)
settings.register_profile("dev", deadline=None, phases=_PHASES)
settings.register_profile(
    "thorough",
    settings.get_profile("dev"),
    max_examples=2_000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# Other examples at every run: what the fixed ones never meet is heard sooner or later.
# The blob that is printed repeats a failure. A streak of examples that are passed over
# is bad luck: whether too many are is asked with the fixed ones. A change waits for a
# few minutes of them; an hour of them each night is for what no change is to blame for.
settings.register_profile(
    "fresh",
    settings.get_profile("ci"),
    derandomize=False,
    database=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.register_profile("nightly", settings.get_profile("fresh"), max_examples=300)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=20)
# A mutant is killed or not; why is not asked.
settings.register_profile(
    "mutants",
    settings.get_profile("quick"),
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("ci")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for garbage seldom, and not while tests are collected.

    To look through all that collecting makes, again and again, took a tenth of the time
    of the tests. It is not frozen: Hypothesis 6.112 could not see what refers to its
    own objects, and would warn.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.set_threshold(10_000)
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def quick_disk() -> Iterator[None]:
    """Do not wait for the disk after each file: no test pulls the plug.

    A process that is killed loses nothing of what the system has taken.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture
def great_effort() -> Iterator[None]:
    """Let Hypothesis look until it finds what a test says is there to be found.

    With few examples it would depend on luck. The search ends with the first find.
    """
    settings.register_profile("before", settings())
    settings.load_profile("great")
    yield
    settings.load_profile("before")


@pytest.fixture
def trials(request: pytest.FixtureRequest) -> Callable[..., int]:
    """Return how often to try: a hundredth of a count, or all of it under `-m full`.

    A test passes another `share` to divide by: a larger one if a trial is slow.

    Whoever uses it is marked `full`, so that `pytest -m full` runs every such test.
    """
    assert request.node.get_closest_marker("full"), "mark this test as `full`"
    is_full = request.config.option.markexpr == "full"
    return lambda count, share=100: count if is_full else max(1, count // share)
