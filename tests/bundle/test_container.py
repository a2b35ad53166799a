"""The image is built from the bundle as its Dockerfile says, and works on a file system that is read only.

No registry is asked: the packages of this Debian stand in for the base image. What runs is read from the
image itself: its account, environment, command, health check; the daily backup is that of compose.yaml.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shlex import join, quote
from typing import Any

import pytest

from tests.installation import ROOT

pytestmark = [pytest.mark.long, pytest.mark.sqlite]
BASE = "docker.io/library/python:3.11-slim"
PACKAGES = (
    "base-files base-passwd bash coreutils dash findutils grep login passwd python3-venv tzdata util-linux"
)
BESIDE = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/ld.so.cache")
NEEDS = ["apt-cache", "depends", "--recurse", "--installed", "--important"]
ACCOUNT = "10001"
# Read only but for what the image declares and /tmp; a network of its own; no right of root.
OUTSIDE = """
set -eu
ip link set lo up
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
mount -t tmpfs tmpfs "$1/tmp"
mount --rbind /proc "$1/proc"
mount --rbind /dev "$1/dev"
for place in data backup; do mount --bind "$2/$place" "$1/$place"; done
as_the_account="setpriv --reuid {account} --regid {account} --clear-groups"
without_rights="--inh-caps=-all --bounding-set=-all --no-new-privs"
exec env -i ALLOWED_HOSTS=zhenggai.example.gov.cn {environment} \
  chroot "$1" $as_the_account $without_rights sh -c {inside}
"""
INSIDE = """
cd {folder}
touch written 2>/dev/null && echo it-can-be-written
{command} > /tmp/log 2>&1 & web=$!
for _ in $(seq 300); do
  {health} 2>/dev/null && echo it-is-healthy && break
  kill -0 $web || {{ cat /tmp/log; exit 1; }}
  sleep 1
done
python -c 'import urllib.request as u
for path in ("/accounts/login/", "/readyz"): print(u.urlopen("http://127.0.0.1:8000" + path).read().decode())'
{backup}
kill $web; wait $web
id -u; cat /tmp/log
"""


@pytest.fixture(scope="module")
def buildah() -> Iterator[list[str]]:
    if os.getuid() or not shutil.which("buildah"):
        pytest.skip("only root with buildah builds an image here (Debian: apt-get install buildah)")
    if "bookworm" not in Path("/etc/os-release").read_text():
        pytest.skip("the base image is made of the packages of Debian 12")
    folder = tempfile.mkdtemp(prefix="rectify-images-", dir="/var/tmp")  # a gigabyte: not in memory
    command = ["buildah", "--root", f"{folder}/all", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]
    yield command
    subprocess.run([*command, "rm", "--all"], capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def image(buildah: list[str], first: Path, tmp_path_factory) -> str:
    """The name of the image that was built."""
    system, base = tmp_path_factory.mktemp("base"), must([*buildah, "from", "scratch"])
    copy_system(system)
    must([*buildah, "add", "--quiet", base, str(system), "/"])
    must([*buildah, "commit", "--quiet", base, BASE])
    build = ["build", "--isolation", "chroot", "--pull-never", "--format", "docker", "--tag", "rectify"]
    must([*buildah, *build, "--file", str(first / "program/deploy/Dockerfile"), str(first)])
    return "localhost/rectify"


def copy_system(folder: Path) -> None:
    """The files of a few packages and of what they need, as this system has them."""
    packages = set(re.findall(r"^\S+", must([*NEEDS, *PACKAGES.split()]), re.MULTILINE))
    known = must(["dpkg-query", "-W", "-f", "${binary:Package}\\n"]).split()
    wanted = [name for name in known if name.partition(":")[0] in packages]
    listed = [*must(["dpkg", "-L", *wanted]).split("\n"), *BESIDE]
    files = sorted({name for name in listed if name.startswith("/") and os.path.lexists(name)})
    for name in ("bin", "sbin", "lib", "lib64"):
        (folder / f"usr/{name}").mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(f"usr/{name}")
    packed = subprocess.run(
        ["tar", "-c", "--no-recursion", "--null", "--files-from=-", "--ignore-failed-read"],
        input="\0".join(files).encode(), capture_output=True, check=False,
    )  # fmt: skip
    subprocess.run(["tar", "-x", "--keep-directory-symlink", "-C", folder], input=packed.stdout, check=True)
    (folder / "usr/local/bin").mkdir(parents=True, exist_ok=True)
    (folder / "usr/local/bin/python").symlink_to("/usr/bin/python3.11")


def test_it_serves_read_only_without_rights_and_writes_its_backup(buildah, image, tmp_path) -> None:
    config = json.loads(must([*buildah, "inspect", "--type", "image", image]))["Docker"]["config"]
    assert config["User"] == "rectify" and set(config["Volumes"]) == {"/data", "/backup"}
    for place in ("data", "backup"):
        (tmp_path / place).mkdir()
        os.chown(tmp_path / place, int(ACCOUNT), int(ACCOUNT))
    root = must([*buildah, "mount", must([*buildah, "from", "--pull-never", image])])
    said = must(["unshare", "-mn", "sh", "-c", script(config), "sh", root, str(tmp_path)])
    assert "it-is-healthy" in said and "it-can-be-written" not in said, said
    assert 'name="password"' in said and '"ready": true' in said and f"\n{ACCOUNT}\n" in said, said
    assert "整改台账已停止" in said and "Traceback" not in said, said
    assert "写完已重新读过" in said and list((tmp_path / "backup").glob("rectify-*.tar.gz")), said


def script(config: dict[str, Any]) -> str:
    """What the image says it runs, in one shell."""
    compose = (ROOT / "deploy/compose.yaml").read_text().replace("$$", "$")
    inside = INSIDE.format(
        folder=config["WorkingDir"],
        command=join(config["Cmd"]),
        health=join(config["Healthcheck"]["Test"][1:]),
        backup=re.search(r"python manage.py backup [^;]+", compose)[0],
    )
    environment = " ".join(quote(pair) for pair in config["Env"])
    return OUTSIDE.format(environment=environment, account=ACCOUNT, inside=quote(inside))


def must(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()
