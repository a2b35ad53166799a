"""All models, importable from one place."""

from .analysis import ImprovementDirection, ProblemCause, ProblemDirection, RootCause
from .audit import AuditEntry, ChainHead, Purge
from .closing import CloseOut, CloseOutStep, Extension, ExtensionStep, FollowUp, StandIn
from .exchange import Draft, LedgerExport
from .office import Holiday, LedgerSettings
from .people import Leader, Membership, Unit, User
from .progress import Evidence, Measure, ProgressNote
from .report import Aspect, Manifestation, Problem, Report
from .state import MeasureState, ProblemState

__all__ = [
    "Aspect",
    "AuditEntry",
    "ChainHead",
    "CloseOut",
    "CloseOutStep",
    "Draft",
    "Evidence",
    "Extension",
    "ExtensionStep",
    "FollowUp",
    "Holiday",
    "ImprovementDirection",
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
    "StandIn",
    "Unit",
    "User",
]
