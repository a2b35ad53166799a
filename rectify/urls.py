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
    intake,
    ledger,
    measures,
    people,
    problems,
    progress,
    purges,
    reports,
    sources,
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
    path("reports/<int:pk>/source/", sources.report_source, name="report_source"),
    path("reports/<int:pk>/source/<int:edition>/", sources.report_source_file, name="report_source_file"),
    path("reports/<int:pk>/problems/add/", problems.problem_add, name="problem_add"),
    # intake of a report
    path("reports/import/", intake.intake, name="intake"),
    path("reports/import/<int:pk>/", intake.intake_draft, name="intake_draft"),
    path("reports/import/<int:pk>/edit/", intake.intake_edit, name="intake_edit"),
    path("reports/import/<int:pk>/load/", intake.intake_load, name="intake_load"),
    path("reports/import/<int:pk>/drop/", intake.intake_drop, name="intake_drop"),
    path("reports/import/<int:pk>/piece/<slug:key>/", intake.intake_piece, name="intake_piece"),
    # ledger
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export/", ledger.ledger_export, name="ledger_export"),
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
