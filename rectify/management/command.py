"""What every command shares: whatever goes wrong is told in one Chinese sentence, with exit 1."""

from __future__ import annotations

import errno
import re
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from rectify.choices import Action
from rectify.errors import Refusal
from rectify.models import User
from rectify.policies import may

# So does the operating system; what is not here is told in its own words.
TROUBLES = {
    errno.ENOENT: "文件或目录不存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EEXIST: "已经存在",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOTDIR: "路径中有一级不是目录",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超过磁盘配额",
    errno.EROFS: "磁盘是只读的",
    errno.EIO: "磁盘读写出错",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EADDRINUSE: "端口已被占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
}
DATABASE_TROUBLES = (
    ("database or disk is full", "磁盘已满"),
    ("no space left", "磁盘已满"),
    ("readonly", "数据文件是只读的"),
    ("read-only", "数据文件是只读的"),
    ("locked", "正被占用，请稍后再试"),
    ("unable to open", "数据文件打不开，请查看目录和权限"),
    ("password authentication", "用户名或密码不对"),
    ("does not exist", "没有这个数据库或用户"),
    ("refused", "连接被拒绝，数据库服务可能没有运行"),
    ("could not translate host", "找不到数据库所在的主机"),
    ("timeout", "连接超时"),
)
# argparse speaks English; these are its sentences a person can meet here.
SENTENCES = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"unrecognized arguments: (.*)", r"不认识 \1"),
    (r"argument (\S+?): expected one argument", r"\1 后面缺少值"),
    (r"argument (\S+?): invalid \S+ value: (.*)", r"\1 的值 \2 不对"),
    (r"argument (\S+?): invalid choice: (.*?) \(.*", r"\1 的值 \2 不对"),
    (r"ambiguous option: (\S+) .*", r"\1 写得不全"),
)

ON_A_PAGE = "您填写的内容没有丢失，可返回上一页查看。"


class OfficeCommand(BaseCommand):
    """A command for the people of an office: refusals and wrong arguments are no tracebacks."""

    # They judge the code, and read every view for it: `migrate` and the tests run them, nothing else waits.
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **options)

        def refuse(message: str) -> None:
            text = f"命令的参数不对：{_in_chinese(message)}。用 {parser.prog} --help 查看用法。没有任何改动。"
            if not parser.called_from_command_line:
                raise CommandError(text)
            self.stderr.write(text)
            sys.exit(1)

        parser.error = refuse  # type: ignore[method-assign]
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        except CommandError as error:
            # What an operation refuses is worded for a page; here there is none to go back to.
            said = str(error).replace(ON_A_PAGE, "没有任何改动。")
            raise CommandError(said, returncode=error.returncode) from error
        except OperationalError as error:
            raise CommandError(f"数据库现在不能用：{database_trouble(error)}。没有任何改动。") from error
        except BrokenPipeError:
            raise  # whoever reads the output has seen enough
        except OSError as error:
            where = f" {error.filename}" if error.filename else ""
            raise CommandError(f"文件{where}不能用：{trouble(error)}。") from error
        except UnicodeError as error:
            raise CommandError("参数里有无法识别的字符，请核对后重试。") from error


def user_who_may(username: str, action: Action, words: str) -> User:
    """The account that a command acts for; `words` name the act where it is not theirs."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"没有用户名为“{username}”的账号。")
    decision = may(user, action)
    if not decision:
        raise CommandError(f"{username} 不能{words}：{decision.why}")
    return user


def database_trouble(error: OperationalError) -> str:
    """Why the database does not answer, as far as its driver lets one see."""
    said = str(error).lower()
    for words, meaning in DATABASE_TROUBLES:
        if words in said:
            return meaning
    return "连接不上，请查看数据库服务是否在运行、DATABASE_URL 是否正确"


def trouble(error: OSError) -> str:
    """What went wrong with a file or a port."""
    return TROUBLES.get(error.errno or 0) or error.strerror or str(error)


def _in_chinese(message: str) -> str:
    for pattern, words in SENTENCES:
        if re.fullmatch(pattern, message, re.DOTALL):
            return re.sub(pattern, words, message, flags=re.DOTALL)
    return message
