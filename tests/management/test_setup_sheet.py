"""The first start of an office from one sheet: previewed, loaded whole, the passwords on slips."""

from __future__ import annotations

import re

import pytest
from django.core.management.base import CommandError

from rectify.choices import Role
from rectify.models import DutyRequest, Leader, Unit, User
from rectify.roster.columns import TABLES
from rectify.selectors.roster.rows import PEOPLE
from tests.roster.workbooks import written

pytestmark = pytest.mark.django_db


def test_from_the_examples_to_an_office(run, tmp_path):
    file, slips = tmp_path / "建账表.xlsx", tmp_path / "口令条.html"
    run("setup", template=file)
    with pytest.raises(CommandError, match="没有填写任何内容"):
        run("setup", sheet=file)
    rows = {table.name: table.examples for table in TABLES}
    file.write_bytes(written(rows | {PEOPLE: rows[PEOPLE][1:]}))
    with pytest.raises(CommandError, match="须有系统管理员"):
        run("setup", sheet=file)
    file.write_bytes(written(rows))
    assert "没有写入" in run("setup", sheet=file, dry_run=True) and not User.objects.exists()
    said = run("setup", sheet=file, slips=slips)
    assert "6 个新账号的一次性口令写在" in said and slips.stat().st_mode & 0o777 == 0o600
    assert "下一步" in said and "http" in said
    password = re.search(r">guanli</dd>.*?slip-code\">([^<]+)<", slips.read_text())[1]
    admin = User.objects.get(username="guanli")
    assert admin.check_password(password) and admin.roles == {Role.SYSADMIN} and admin.is_staff
    assert not DutyRequest.objects.exists() and Unit.objects.count() == 3 and Leader.objects.count() == 2
    with pytest.raises(CommandError, match="请用 --as 指明"):
        run("setup", sheet=file)
    assert "没有要改动的内容" in run("setup", sheet=file, as_user="guanli")
    assert "核对通过" in run("verify_audit")
