"""Views of the problem list that are kept under a name: one's own, and those an office shares."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rectify.choices import Role
from rectify.models.people import Unit, User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def offered(self, user: User) -> SavedViewQuerySet:
        """One's own, and those shared by the offices of the units one works in and of all above them."""
        step = Unit.steplen
        above = {post.path[:end] for post in user.posts for end in range(step, len(post.path) + 1, step)}
        shared = Q(unit__path__in=above)
        return self.filter(shared | Q(user=user, unit=None)).select_related("unit")

    def own(self, user: User) -> SavedViewQuerySet:
        return self.filter(user=user, unit=None)


class SavedView(models.Model):
    """Conditions, columns and order of the list as its address says them; of one person, or of a unit."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="共享单位")
    name = models.CharField("名称", max_length=30)
    query = models.CharField("条件", max_length=2000, blank=True)
    # The office's choice of what people in this role see first; of each unit there is one.
    role = models.CharField("作为默认", max_length=10, choices=Role, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保存的视图"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], condition=Q(unit__isnull=True), name="own_view_once"
            ),
            models.UniqueConstraint(
                fields=["unit", "name"], condition=Q(unit__isnull=False), name="shared_view_once"
            ),
            models.UniqueConstraint(fields=["unit", "role"], condition=~Q(role=""), name="one_view_a_role"),
            models.CheckConstraint(condition=Q(role="") | Q(unit__isnull=False), name="default_view_shared"),
            models.CheckConstraint(condition=Q(role__in=["", *Role.values]), name="view_role_known"),
        ]

    def __str__(self) -> str:
        return self.name
