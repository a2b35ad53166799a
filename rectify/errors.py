"""Refusals: what was not done, that nothing was lost, and what to do next, in Chinese."""

from dataclasses import dataclass


class Refusal(Exception):
    """An act that was not carried out. `status` is the HTTP status a page answers with."""

    status = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(Refusal):
    """The policy says no; the message says why and who may."""

    status = 403


ARCHIVED = "这里是归档的数据，只能查看和导出，不能改动，没有保存。"


class WrongState(Refusal):
    """The thing is not in a state that allows the act."""


class Incomplete(Refusal):
    """Something required is missing or wrong; `missing` lists it, `field` names the input where known."""

    status = 422

    def __init__(self, message: str, missing: list[str] | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.missing = missing or []
        self.field = field


class TooLong(Incomplete):
    """A text that does not fit where it must be written whole; it is never cut silently."""


@dataclass(frozen=True)
class Difference:
    """One field of a stale edit: its label, what the user typed and what is stored now."""

    label: str
    mine: str
    theirs: str


class Stale(Refusal):
    """Somebody changed the row since the user saw it; both texts are kept for comparison."""

    def __init__(self, message: str, differences: list[Difference], version: int) -> None:
        super().__init__(message)
        self.differences = differences
        self.version = version


class Busy(Refusal):
    """Too much of the same at once; the same request works a little later."""

    status = 503
    retry_after = 5


class Broken(Refusal):
    """The record contradicts itself (audit chain, triggers, state rows)."""
