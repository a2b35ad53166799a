"""All models, importable from one place."""

from rectify.models.analysis import ImprovementDirection, ProblemCause, ProblemDirection, RootCause
from rectify.models.audit import AuditEntry, ChainHead, Purge
from rectify.models.bulk import BulkAct
from rectify.models.closing import CloseOut, CloseOutStep, Extension, ExtensionStep, FollowUp
from rectify.models.documents import LedgerForm, Narrative
from rectify.models.duties import DutyRequest, Relaxation
from rectify.models.evidence import Evidence
from rectify.models.exchange import (
    Draft,
    ExportChoice,
    ImportBatch,
    KeptUpload,
    LedgerExport,
    SheetMemory,
    WorkingCopy,
)
from rectify.models.intake import IntakeDraft, SourcePassage, SourceText
from rectify.models.issued import IssuedLedger
from rectify.models.notices import AllowedHost, DeliverySettings, Notice, NoticeAttempt, Reminder
from rectify.models.office import Holiday, LedgerSettings
from rectify.models.people import Leader, Membership, Unit, User
from rectify.models.progress import Measure, ProgressNote
from rectify.models.report import Aspect, Manifestation, Problem, Report
from rectify.models.rollups import Rollup
from rectify.models.saved_views import SavedView
from rectify.models.search.texts import SearchText
from rectify.models.sign_in import CalendarFeed, FormerPassword, RecoveryCode, SecondFactor, SignInAttempt
from rectify.models.stand_in import StandIn
from rectify.models.state import MeasureState, ProblemState
from rectify.models.supervision import Addressee, Handling, Instruction, Receipt, Reply, Supervision

__all__ = [
    "Addressee",
    "AllowedHost",
    "Aspect",
    "AuditEntry",
    "BulkAct",
    "CalendarFeed",
    "ChainHead",
    "CloseOut",
    "CloseOutStep",
    "DeliverySettings",
    "Draft",
    "DutyRequest",
    "Evidence",
    "ExportChoice",
    "Extension",
    "ExtensionStep",
    "FollowUp",
    "FormerPassword",
    "Handling",
    "Holiday",
    "ImportBatch",
    "ImprovementDirection",
    "Instruction",
    "IntakeDraft",
    "IssuedLedger",
    "KeptUpload",
    "Leader",
    "LedgerExport",
    "LedgerForm",
    "LedgerSettings",
    "Manifestation",
    "Measure",
    "MeasureState",
    "Membership",
    "Narrative",
    "Notice",
    "NoticeAttempt",
    "Problem",
    "ProblemCause",
    "ProblemDirection",
    "ProblemState",
    "ProgressNote",
    "Purge",
    "Receipt",
    "RecoveryCode",
    "Relaxation",
    "Reminder",
    "Reply",
    "Report",
    "Rollup",
    "RootCause",
    "SavedView",
    "SearchText",
    "SecondFactor",
    "SheetMemory",
    "SignInAttempt",
    "SourcePassage",
    "SourceText",
    "StandIn",
    "Supervision",
    "Unit",
    "User",
    "WorkingCopy",
]
