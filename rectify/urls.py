"""The only URL table, grouped by noun; every route is named."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from .views import (
    accounts,
    audit,
    dashboard,
    drafts,
    errors,
    evidence,
    home,
    imports,
    ledger,
    measures,
    old_sheets,
    people,
    problems,
    progress,
    purges,
    reports,
    working,
)
from .views import list as listing

urlpatterns = [
    path("", home.home, name="home"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    # problems
    path("problems/", listing.problems, name="problems"),
    path("problems/<int:pk>/", problems.problem, name="problem"),
    path("problems/<int:pk>/assign/", problems.assign, name="assign"),
    path("problems/<int:pk>/edit/", problems.problem_edit, name="problem_edit"),
    path("problems/<int:pk>/status/", problems.problem_status, name="problem_status"),
    path("problems/<int:pk>/withdraw/", problems.withdraw, name="withdraw"),
    path("problems/<int:pk>/restore/", problems.restore, name="restore"),
    path("links/<str:kind>/<int:pk>/decide/", problems.link_decide, name="link_decide"),
    # measures
    path("problems/<int:pk>/measures/add/", measures.measure_add, name="measure_add"),
    path("measures/<int:pk>/edit/", measures.measure_edit, name="measure_edit"),
    path("measures/<int:pk>/finish/", measures.measure_finish, name="measure_finish"),
    path("measures/<int:pk>/drop/", measures.measure_drop, name="measure_drop"),
    # progress, evidence, drafts
    path("problems/<int:pk>/progress/", progress.progress_add, name="progress_add"),
    path("notes/<int:pk>/correct/", progress.note_correct, name="note_correct"),
    path("evidence/<int:pk>/", evidence.evidence, name="evidence"),
    path("drafts/", drafts.drafts, name="drafts"),
    # reports
    path("reports/", reports.reports, name="reports"),
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/problems/add/", problems.problem_add, name="problem_add"),
    # ledger
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export/", ledger.ledger_export, name="ledger_export"),
    path("ledger/working/", working.ledger_working, name="ledger_working"),
    path("ledger/import/", imports.ledger_import, name="ledger_import"),
    path("ledger/import/<uuid:key>/", imports.ledger_preview, name="ledger_preview"),
    path("ledger/import/<uuid:key>/refused/", imports.ledger_refused, name="ledger_refused"),
    path("ledger/import/old/", old_sheets.old_sheet, name="old_sheet"),
    path("ledger/import/old/<uuid:key>/", old_sheets.old_mapping, name="old_mapping"),
    path("ledger/import/old/<uuid:key>/preview/", old_sheets.old_preview, name="old_preview"),
    path("ledger/imports/<int:pk>/", imports.import_batch, name="import_batch"),
    # accounts
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/password/", accounts.password_change, name="password_change"),
    # people
    path("people/hand-over/", people.hand_over, name="hand_over"),
    # purges
    path("purges/", purges.purges, name="purges"),
    path("purges/request/<str:kind>/<int:pk>/", purges.request_purge, name="purge_request"),
    path("purges/<int:pk>/confirm/", purges.confirm, name="purge_confirm"),
    path("purges/<int:pk>/refuse/", purges.refuse, name="purge_refuse"),
    # audit
    path("audit/", audit.audit, name="audit"),
    # the house
    path("help/", errors.help_page, name="help"),
    path("healthz", errors.healthz, name="healthz"),
    path("admin/", admin.site.urls),
]

handler400 = "rectify.views.errors.bad_request"
