"""Whoever reads the output of a command may stop: `manage.py help | head` ends without a traceback."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.installation import MANAGE, Installation

pytestmark = [pytest.mark.ci, pytest.mark.sqlite]


def test_a_closed_pipe_ends_a_command_quietly(tmp_path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*MANAGE, "help"], env=Installation(tmp_path).environment, stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
