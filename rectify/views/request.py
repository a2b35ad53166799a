"""The request as views know it: somebody is signed in, for the middleware lets nobody else through."""

from __future__ import annotations

from django.http import HttpRequest

from rectify.models import User


class AuthenticatedRequest(HttpRequest):
    """A request whose user is one of ours."""

    user: User
