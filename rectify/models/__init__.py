"""All models, importable from one place."""

from .analysis import ImprovementDirection, ProblemCause, ProblemDirection, RootCause
from .audit import AuditEntry, ChainHead, Purge
from .bulk import BulkAct
from .closing import CloseOut, CloseOutStep, Extension, ExtensionStep, FollowUp, StandIn
from .counts import CountedDay, KeptCount
from .exchange import Draft, ExportChoice, ImportBatch, KeptUpload, LedgerExport, WorkingCopy
from .intake import IntakeDraft, SourcePassage, SourceText
from .issued import IssuedLedger
from .notices import AllowedHost, DeliverySettings, Notice, NoticeAttempt, Reminder
from .office import Holiday, LedgerSettings
from .people import Leader, Membership, Unit, User
from .progress import Evidence, Measure, ProgressNote
from .report import Aspect, Manifestation, Problem, Report
from .state import MeasureState, ProblemState
from .supervision import Addressee, Handling, Instruction, Receipt, Reply, Supervision

__all__ = [
    "Addressee",
    "AllowedHost",
    "Aspect",
    "AuditEntry",
    "BulkAct",
    "ChainHead",
    "CloseOut",
    "CloseOutStep",
    "CountedDay",
    "DeliverySettings",
    "Draft",
    "Evidence",
    "ExportChoice",
    "Extension",
    "ExtensionStep",
    "FollowUp",
    "Handling",
    "Holiday",
    "ImportBatch",
    "ImprovementDirection",
    "Instruction",
    "IntakeDraft",
    "IssuedLedger",
    "KeptCount",
    "KeptUpload",
    "Leader",
    "LedgerExport",
    "LedgerSettings",
    "Manifestation",
    "Measure",
    "MeasureState",
    "Membership",
    "Notice",
    "NoticeAttempt",
    "Problem",
    "ProblemCause",
    "ProblemDirection",
    "ProblemState",
    "ProgressNote",
    "Purge",
    "Receipt",
    "Reminder",
    "Reply",
    "Report",
    "RootCause",
    "SourcePassage",
    "SourceText",
    "StandIn",
    "Supervision",
    "Unit",
    "User",
    "WorkingCopy",
]
