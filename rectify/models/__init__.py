"""All models, importable from one place."""

from .analysis import ImprovementDirection, ProblemCause, ProblemDirection, RootCause
from .audit import AuditEntry, ChainHead, Purge
from .exchange import Draft, LedgerExport
from .intake import IntakeDraft, SourcePassage, SourceText
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
    "Holiday",
    "ImprovementDirection",
    "IntakeDraft",
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
    "SourcePassage",
    "SourceText",
    "Unit",
    "User",
]
