"""Application set-up: checks and triggers that must be there before anything runs."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class RectifyConfig(AppConfig):
    name = "rectify"
    label = "rectify"
    verbose_name = "整改台账"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from rectify import checks  # noqa: F401  (registers the start-up checks)
        from rectify.arrivals import multipart
        from rectify.audit import chain, entries_together, written
        from rectify.audit.append_only_triggers import install_after_migrate
        from rectify.models.search import tables as search_tables
        from rectify.operations import search_index

        multipart.install()
        search_tables.connect(self)
        entries_together.listen(search_index.keep)
        written.connect(chain.append_without_act)
        post_migrate.connect(install_after_migrate, sender=self)


class OfficeAdminConfig(AdminConfig):
    """Django's administration under our own site."""

    default_site = "rectify.admin.site.OfficeSite"

    def ready(self) -> None:
        super().ready()
        from rectify.admin import registrations  # noqa: F401  (registers what the site holds)
