"""What every test shares: a data folder of its own, and triggers lifted while a database is flushed."""

from __future__ import annotations

import gc
import io
import os
from collections.abc import Callable
from pathlib import Path

from tests import scratch

os.environ["DATA_DIR"] = scratch.of_the_run()

import pytest
from django.core.management import call_command
from django.core.management.commands import flush
from pytest_django.plugin import blocking_manager_key

from tests import databases, left_out, worlds

# Objects of a test die with it: looking for those that do not costs a twentieth of the time.
gc.set_threshold(100_000, 20, 50)

_flush = flush.Command.handle


def _flush_without_triggers(self, **options):  # type: ignore[no-untyped-def]
    """Append-only tables refuse the flush after a transactional test; migrate puts the triggers back."""
    from rectify.audit import append_only_triggers

    database = options["database"]
    append_only_triggers.lift(database)
    _flush(self, **options)
    append_only_triggers.install(database)


flush.Command.handle = _flush_without_triggers


@pytest.fixture(scope="session")
def django_db_setup(request, testrun_uid, worker_id, django_test_environment, django_db_blocker):  # type: ignore[no-untyped-def]
    """A copy of the migrated database of the run, instead of migrating one for each worker."""
    with django_db_blocker.unblock(), databases.copied(testrun_uid, worker_id):
        yield
        if worker_id == "master":
            databases.forget_template(testrun_uid)


def pytest_sessionfinish(session):  # type: ignore[no-untyped-def]
    """The run is over: none of its workers needs the template any more."""
    distributed = session.config.pluginmanager.get_plugin("dsession")
    if distributed:
        with session.config.stash[blocking_manager_key].unblock():
            databases.forget_template(distributed.nodemanager.testrunuid)


@pytest.fixture(autouse=True)
def data_folder(tmp_path, settings):  # type: ignore[no-untyped-def]
    """Evidence of one test never meets another's."""
    for name, value in worlds.settings_in(tmp_path).items():
        setattr(settings, name, value)
    settings.SECURE_SSL_REDIRECT = False
    # Looked up when asked for: to list them all for each client costs more than the requests.
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="module", autouse=True)
def module_world(request, tmp_path_factory):  # type: ignore[no-untyped-def]
    """What a module's WORLD builds, once for all its tests; none where the module names none."""
    build = getattr(request.module, "WORLD", None)
    if build is None:
        yield None
        return
    request.getfixturevalue("django_db_setup")
    unblocked = request.getfixturevalue("django_db_blocker").unblock()
    with unblocked, worlds.standing(build, tmp_path_factory.mktemp("world") / "files") as standing:
        yield standing


@pytest.fixture
def made(module_world, db, tmp_path, data_folder):  # type: ignore[no-untyped-def]
    """What the module's WORLD built, for one test to change."""
    return module_world.copied_to(tmp_path)


@pytest.fixture
def cast(made):  # type: ignore[no-untyped-def]
    """The same, by the name of what most worlds are."""
    return made


@pytest.fixture
def run() -> Callable[..., str]:
    """run("verify_audit", head=…) gives the text that the command printed."""

    def command(name: str, /, *args, **options) -> str:  # type: ignore[no-untyped-def]
        out = io.StringIO()
        call_command(name, *args, stdout=out, stderr=out, **options)
        return out.getvalue()

    return command


def pytest_deselected(items):  # type: ignore[no-untyped-def]
    """Notes beside the report what was left to a later command, for tests.left_out; one worker for all."""
    for config in {item.config for item in items}:
        report = config.getoption("xmlpath", None)
        if report and getattr(config, "workerinput", {"workerid": "gw0"})["workerid"] == "gw0":
            left_out.note(Path(f"{report}.left"), items)


def pytest_collection_modifyitems(config, items):  # type: ignore[no-untyped-def]
    """On PostgreSQL only what asks a database anything (a measurement by its own processes): the rest would
    say the same as on SQLite."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return
    asking = [
        item
        for item in items
        if item.get_closest_marker("django_db")
        or "db" in item.fixturenames
        or "benchmarks" in item.path.parts
    ]
    kept = set(map(id, asking))
    config.hook.pytest_deselected(items=[item for item in items if id(item) not in kept])
    items[:] = asking
