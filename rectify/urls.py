"""The only URL table, grouped by noun; every route is named."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path

from rectify.views import drafts, errors, ledger_choice, staging
from rectify.views.documents import documents, submission
from rectify.views.ledgers import (
    carry_over,
    compare,
    export,
    imports,
    issued,
    listed,
    old_sheets,
    own_forms,
    pack,
    verify,
    working_copy,
)
from rectify.views.messages import calendar, delivery, notices
from rectify.views.overview import briefing, dashboard, health, home, mending, wall
from rectify.views.people import (
    accounts,
    duties,
    hand_over,
    persons,
    roster,
    second_factor,
    sign_in,
    stand_ins,
    unit_tree,
)
from rectify.views.problems import (
    bulk,
    close_out,
    closing,
    evidence,
    grid,
    grid_item,
    instructions,
    measures,
    progress,
    saved_views,
    verbs,
)
from rectify.views.problems import list as listing
from rectify.views.record import audit, purges, sign_ins, verification
from rectify.views.reports import intake, matrix, next_steps, reports, sources, starting
from rectify.views.supervision import orders

urlpatterns = [
    path("", home.home, name="home"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/wall/", wall.wall, name="wall"),
    path("dashboard/wall/alone/", wall.wall_alone, name="wall_alone"),
    path("briefing/", briefing.briefing, name="briefing"),
    # problems
    path("documents/", documents.documents, name="documents"),
    path("documents/submission/", submission.submission, name="submission"),
    path("documents/export/", documents.document_export, name="document_export"),
    path("problems/", listing.problems, name="problems"),
    path("problems/views/", saved_views.saved_views, name="saved_views"),
    path("problems/views/<int:pk>/", saved_views.saved_view, name="saved_view"),
    path("problems/views/<int:pk>/drop/", saved_views.saved_view_drop, name="saved_view_drop"),
    path("problems/bulk/", bulk.bulk, name="bulk"),
    path("problems/bulk/apply/", bulk.bulk_apply, name="bulk_apply"),
    path("problems/bulk/<str:number>/", bulk.bulk_done, name="bulk_done"),
    path("problems/grid/", grid.grid, name="grid"),
    path("problems/<int:pk>/fill/", grid_item.grid_item, name="grid_item"),
    path("problems/<int:pk>/", verbs.problem, name="problem"),
    path("problems/<int:pk>/assign/", verbs.Assign.as_view(), name="assign"),
    path("problems/<int:pk>/edit/", verbs.ProblemEdit.as_view(), name="problem_edit"),
    path("problems/<int:pk>/status/", verbs.ProblemStatus.as_view(), name="problem_status"),
    path("problems/<int:pk>/withdraw/", verbs.Withdraw.as_view(), name="withdraw"),
    path("problems/<int:pk>/restore/", verbs.Restore.as_view(), name="restore"),
    path("links/<str:kind>/<int:pk>/decide/", verbs.link_decide, name="link_decide"),
    # close-out, extension, follow-up
    path("problems/<int:pk>/close-out/", close_out.CloseOutApply.as_view(), name="close_out_apply"),
    path("problems/<int:pk>/close-out/decide/", closing.CloseOutDecide.as_view(), name="close_out_decide"),
    path(
        "problems/<int:pk>/close-out/withdraw/", closing.CloseOutWithdraw.as_view(), name="close_out_withdraw"
    ),
    path("problems/<int:pk>/reopen/", closing.Reopen.as_view(), name="reopen"),
    path("problems/<int:pk>/follow-up/", closing.FollowUp.as_view(), name="follow_up"),
    path("problems/<int:pk>/extension/", closing.ExtensionApply.as_view(), name="extension_apply"),
    path("problems/<int:pk>/extension/decide/", closing.ExtensionDecide.as_view(), name="extension_decide"),
    path(
        "problems/<int:pk>/extension/withdraw/",
        closing.ExtensionWithdraw.as_view(),
        name="extension_withdraw",
    ),
    path("problems/<int:pk>/deadline/", closing.DeadlineCorrect.as_view(), name="deadline_correct"),
    # measures
    path("problems/<int:pk>/measures/add/", measures.MeasureAdd.as_view(), name="measure_add"),
    path("measures/<int:pk>/edit/", measures.MeasureEdit.as_view(), name="measure_edit"),
    path("measures/<int:pk>/finish/", measures.MeasureFinish.as_view(), name="measure_finish"),
    path("measures/<int:pk>/evidence/", measures.MeasureEvidence.as_view(), name="measure_evidence"),
    path("measures/<int:pk>/rule/", measures.MeasureRule.as_view(), name="measure_rule"),
    path("measures/<int:pk>/drop/", measures.MeasureDrop.as_view(), name="measure_drop"),
    # progress, evidence, drafts
    path("problems/<int:pk>/progress/", progress.progress_add, name="progress_add"),
    path("notes/<int:pk>/correct/", progress.NoteCorrect.as_view(), name="note_correct"),
    path("evidence/<int:pk>/", evidence.evidence, name="evidence"),
    path("evidence/<int:pk>/preview/", evidence.preview, name="evidence_preview"),
    path("evidence/<int:pk>/page/<int:number>/", evidence.page, name="evidence_page"),
    path("evidence/<int:pk>/replace/", evidence.EvidenceReplace.as_view(), name="evidence_replace"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("uploads/", staging.stage, name="staging"),
    # reports
    path("reports/", reports.reports, name="reports"),
    path("reports/new/", starting.report_new, name="report_new"),
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/next/", next_steps.report_next, name="report_next"),
    path("reports/<int:pk>/parts/add/", starting.PartAdd.as_view(), name="part_add"),
    path("reports/<int:pk>/matrix/", matrix.matrix, name="matrix"),
    path("reports/<int:pk>/carry/", carry_over.carry, name="carry"),
    path("reports/<int:pk>/source/", sources.report_source, name="report_source"),
    path("reports/<int:pk>/source/<int:edition>/", sources.report_source_file, name="report_source_file"),
    path("reports/<int:pk>/problems/add/", verbs.ProblemAdd.as_view(), name="problem_add"),
    # intake of a report
    path("reports/import/", intake.intake, name="intake"),
    path("reports/import/<int:pk>/", intake.intake_draft, name="intake_draft"),
    path("reports/import/<int:pk>/edit/", intake.intake_edit, name="intake_edit"),
    path("reports/import/<int:pk>/load/", intake.intake_load, name="intake_load"),
    path("reports/import/<int:pk>/drop/", intake.intake_drop, name="intake_drop"),
    path("reports/import/<int:pk>/piece/<slug:key>/", intake.intake_piece, name="intake_piece"),
    # ledger
    path("ledger/choice/", ledger_choice.choose, name="ledger_choice"),
    path("ledger/", export.ledger, name="ledger"),
    path("ledger/export/", export.ledger_export, name="ledger_export"),
    path("ledger/list/", listed.list_export, name="list_export"),
    path("ledger/forms/", own_forms.own_forms, name="own_forms"),
    path("ledger/forms/<int:pk>/drop/", own_forms.own_form_drop, name="own_form_drop"),
    path("ledger/working/", working_copy.ledger_working, name="ledger_working"),
    path("ledger/import/", imports.ledger_import, name="ledger_import"),
    path("ledger/import/<uuid:key>/", imports.ledger_preview, name="ledger_preview"),
    path("ledger/import/<uuid:key>/refused/", imports.ledger_refused, name="ledger_refused"),
    path("ledger/import/old/", old_sheets.old_sheet, name="old_sheet"),
    path("ledger/import/old/<uuid:key>/", old_sheets.old_mapping, name="old_mapping"),
    path("ledger/import/old/<uuid:key>/preview/", old_sheets.old_preview, name="old_preview"),
    path("ledger/imports/<int:pk>/", imports.import_batch, name="import_batch"),
    path("ledger/issued/", issued.issued, name="issued"),
    path("ledger/issued/file/", issued.issue_ledger, name="issue_ledger"),
    path("ledger/issued/<int:pk>/file/", issued.download_issued, name="download_issued"),
    path("ledger/issued/<int:pk>/certificate/", issued.certificate, name="certificate"),
    path("ledger/verify/", verify.verify, name="ledger_verify"),
    path("ledger/verify/offline/<slug:name>/", verify.verify_offline, name="verify_offline"),
    path("ledger/compare/", compare.compare, name="ledger_compare"),
    path("ledger/compare/file/", compare.compare_file, name="ledger_compare_file"),
    path("ledger/pack/", pack.pack, name="ledger_pack"),
    path("ledger/pack/file/", pack.pack_file, name="ledger_pack_file"),
    # health check
    path("health/", health.health, name="health"),
    path("health/<int:pk>/mend/", mending.mend, name="health_mend"),
    path("reports/<int:pk>/delivery/", delivery.delivery, name="delivery"),
    path("reports/<int:pk>/delivery/test/", delivery.delivery_test, name="delivery_test"),
    path("reports/<int:pk>/delivery/again/", delivery.delivery_again, name="delivery_again"),
    # chasing
    path("supervision/", orders.supervisions, name="supervisions"),
    path("supervision/issue/", orders.Issue.as_view(), name="supervision_issue"),
    path("supervision/chase/<int:pk>/", orders.chase, name="chase_unreported"),
    path("problems/<int:pk>/urge/", orders.urge, name="urge"),
    path("supervision/<int:pk>/", orders.supervision, name="supervision"),
    path("supervision/to/<int:pk>/acknowledge/", orders.acknowledge, name="supervision_acknowledge"),
    path("supervision/to/<int:pk>/reply/", orders.reply, name="supervision_reply"),
    path("problems/<int:pk>/supervise/", orders.Supervise.as_view(), name="supervise"),
    path("problems/<int:pk>/instruct/", instructions.Instruct.as_view(), name="instruct"),
    path("instructions/<int:pk>/acknowledge/", instructions.acknowledge, name="instruction_acknowledge"),
    # messages
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/count/", notices.notice_count, name="notice_count"),
    path("notices/calendar/", calendar.calendar, name="calendar"),
    path("calendar.ics", calendar.calendar_feed, name="calendar_feed"),
    # accounts
    path("accounts/login/", sign_in.SignIn.as_view(), name="login"),
    path("accounts/code/", sign_in.CodeEntry.as_view(), name="sign_in_code"),
    path("accounts/logout/", login_not_required(LogoutView.as_view()), name="logout"),
    path("accounts/password/", accounts.password_change, name="password_change"),
    path("accounts/second-factor/", second_factor.second_factor, name="second_factor"),
    path("accounts/second-factor/drop/", second_factor.drop, name="second_factor_drop"),
    # people
    path("people/", persons.people, name="people"),
    path("people/<int:pk>/", persons.person, name="person"),
    path("people/hand-over/", hand_over.HandOver.as_view(), name="hand_over"),
    path("people/units/", unit_tree.unit_tree, name="unit_tree"),
    path("people/roster/", roster.roster, name="roster"),
    path("people/roster/template/", roster.template, name="roster_template"),
    path("people/roster/slips/", roster.slips_again, name="roster_slips"),
    path("people/roster/<uuid:key>/", roster.preview, name="roster_preview"),
    path("people/stand-ins/", stand_ins.stand_ins, name="stand_ins"),
    path("people/stand-ins/<int:pk>/end/", stand_ins.end, name="stand_in_end"),
    path("people/duties/", duties.duties, name="duties"),
    path("people/duties/<int:pk>/confirm/", duties.confirm, name="duty_confirm"),
    path("people/duties/<int:pk>/refuse/", duties.refuse, name="duty_refuse"),
    path("people/duties/<int:pk>/confirm-all/", duties.confirm_all, name="duty_confirm_all"),
    path("people/duties/<int:pk>/refuse-all/", duties.refuse_all, name="duty_refuse_all"),
    path("people/second-factor/", second_factor.reset, name="factor_reset"),
    # purges
    path("purges/", purges.purges, name="purges"),
    path("purges/request/<str:kind>/<int:pk>/", purges.RequestPurge.as_view(), name="purge_request"),
    path("purges/<int:pk>/confirm/", purges.confirm, name="purge_confirm"),
    path("purges/<int:pk>/refuse/", purges.refuse, name="purge_refuse"),
    # audit
    path("audit/", audit.audit, name="audit"),
    path("audit/sign-ins/", sign_ins.sign_ins, name="sign_ins"),
    path("audit/verification/", verification.verification, name="verification"),
    path("audit/verification/file/", verification.verification_file, name="verification_file"),
    path("audit/anchors/file/", verification.anchor_file, name="anchor_file"),
    # the house
    path("help/", errors.help_page, name="help"),
    path("help/clerk/", errors.clerk_guide, name="clerk_guide"),
    path("healthz", errors.healthz, name="healthz"),
    path("readyz", errors.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]

handler400 = "rectify.views.errors.bad_request"
handler500 = "rectify.views.errors.server_error"
