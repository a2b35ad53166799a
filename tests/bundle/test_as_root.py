"""Installed by root in folders of its own: the account, the units for systemd, and what they run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.installation import free_port

pytestmark = [pytest.mark.long, pytest.mark.sqlite]
# There is no systemd in a test: this stands in for it, and does what the unit says.
SYSTEMCTL = r"""#!/bin/sh
echo "systemctl $*" >> /run/asked
field() { sed -n "s/^$2=//p" "/etc/systemd/system/$1"; }
perform() { # unit line
  runuser -u "$(field "$1" User)" -- env -i PATH="$PATH" LANG=C.UTF-8 sh -c "
    set -a; $(field "$1" Environment); . $(field "$1" EnvironmentFile); set +a
    cd $(field "$1" WorkingDirectory) && $(echo "$2" | sed 's/%%/%/g')"
}
case "$*" in
  *enable*) perform rectify.service "$(field rectify.service ExecStartPre)"
            perform rectify.service "exec $(field rectify.service ExecStart)" > /run/serve.log 2>&1 &
            echo $! > /run/serve.pid ;;
  "stop rectify.service") kill "$(cat /run/serve.pid)"; sleep 2 ;;
  *backup.service*) perform rectify-backup.service "$(field rectify-backup.service ExecStart)" ;;
esac
"""
SCRIPT = """
set -eu
ip link set lo up
for folder in etc opt run var/lib; do
  mkdir -p "$1/own/$folder"
  [ $folder != etc ] || cp -a /etc/. "$1/own/etc/"
  mount --bind "$1/own/$folder" /$folder
done
mkdir -p /run/systemd/system /etc/systemd/system /var/lib/rectify-backup
"$1/first/install.sh" --yes --python /usr/bin/python3 --port "$2" --site "http://192.168.1.10:$2"
chown rectify: /var/lib/rectify-backup
systemd-analyze verify /etc/systemd/system/rectify.service /etc/systemd/system/rectify-backup.service \
  /etc/systemd/system/rectify-backup.timer && echo units-verified
/opt/rectify/rectify demo >/dev/null
systemctl start rectify-backup.service
ls /var/lib/rectify-backup/*.tar.gz
pgrep -u rectify -f 'manage.py serve' > /dev/null && echo served-by-the-account
stat -c '%U %a %n' /var/lib/rectify /etc/rectify.env /opt/rectify/current/manage.py
"$1/first/install.sh" --uninstall --yes
ls /etc/systemd/system; ls /var/lib/rectify; cat /run/asked
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can try it")
def test_the_account_the_units_and_what_they_run(first: Path) -> None:
    stand_in = first.with_name("bin") / "systemctl"
    stand_in.parent.mkdir()
    stand_in.write_text(SYSTEMCTL)
    stand_in.chmod(0o755)
    for folder in [*first.parents][:-2]:
        folder.chmod(folder.stat().st_mode | 0o055)  # the account reads nothing here, but passes through
    environment = os.environ | {"PATH": f"{stand_in.parent}:/usr/sbin:/usr/bin:/sbin:/bin"}
    alone = ["unshare", "-mnp", "--fork", "--mount-proc", "sh", "-c", SCRIPT, "sh"]
    done = subprocess.run(
        [*alone, str(first.parent), str(free_port())],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "units-verified" in said and "rectify-2" in said and ".tar.gz" in said, said
    assert "served-by-the-account" in said, said
    for line in (
        "rectify 700 /var/lib/rectify",
        "root 640 /etc/rectify.env",
        "root 644 /opt/rectify/current/manage.py",
    ):
        assert line in said, said
    assert "enable --quiet --now rectify.service rectify-backup.timer" in said and "daemon-reload" in said
    assert "rectify.sqlite3" in said.rpartition("已卸载程序")[2]
    assert "rectify.service" not in said.rpartition("已卸载程序")[2].partition("systemctl")[0]
