"""All models, importable from one place."""

from .analysis import ImprovementDirection, ProblemCause, ProblemDirection, RootCause
from .audit import AuditEntry, ChainHead, Purge
from .exchange import Draft, ExportChoice, ImportBatch, KeptUpload, LedgerExport, WorkingCopy
from .office import Holiday, LedgerSettings
from .people import Leader, Membership, Unit, User
from .progress import Evidence, Measure, ProgressNote
from .report import Aspect, Manifestation, Problem, Report
from .state import MeasureState, ProblemState

__all__ = [
    "Aspect",
    "AuditEntry",
    "ChainHead",
    "Draft",
    "Evidence",
    "ExportChoice",
    "Holiday",
    "ImportBatch",
    "ImprovementDirection",
    "KeptUpload",
    "Leader",
    "LedgerExport",
    "LedgerSettings",
    "Manifestation",
    "Measure",
    "MeasureState",
    "Membership",
    "Problem",
    "ProblemCause",
    "ProblemDirection",
    "ProblemState",
    "ProgressNote",
    "Purge",
    "Report",
    "RootCause",
    "Unit",
    "User",
    "WorkingCopy",
]
