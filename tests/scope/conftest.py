"""The fixtures of pages, for those who walk through all of them."""

from tests.views.conftest import one_connection, still_session

__all__ = ["one_connection", "still_session"]
