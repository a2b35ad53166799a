"""The table of rules: who may do each act, and in which state of things."""

from rectify.choices import Action
from rectify.policies import state, who
from rectify.policies.rule import Rule

_UNIT_WORKS = Rule(who.UNITS, state.WORK_GOES_ON)
_MEASURE = Rule(who.UNITS, (*state.WORK_GOES_ON, state.MEASURE_OPEN))
_DECIDES = Rule(who.DECIDER, first=state.WAITS_FOR_THE_STEP)
_TAKES_BACK = Rule(who.LEAD_UNIT, (state.APPLIED_FOR,))
_OFFICE_MENDS = Rule(who.OFFICE, state.WORK_GOES_ON)
_SECOND_PERSON = Rule(who.PURGERS, first=(state.SECOND_PERSON,))

RULES: dict[str, Rule] = {
    # The ledger and its settings.
    Action.CREATE_REPORT: Rule(who.OFFICE),
    Action.EDIT_REPORT: Rule(who.OFFICE, state.NOT_FROZEN),
    Action.LOAD_SOURCE: Rule(who.OFFICE),
    Action.EDIT_SETTINGS: Rule(who.OFFICE),
    Action.CARRY_OVER: Rule(who.OFFICE),
    Action.EXPORT: Rule(who.READERS),
    Action.FILE_LEDGER: Rule(who.OFFICE),
    Action.VERIFY_LEDGER: Rule(who.SYSTEM),
    Action.MAKE_FORM: Rule(who.OFFICE),
    Action.SHARE_VIEW: Rule(who.UNIT_OFFICE),
    Action.IMPORT: Rule(who.IMPORTERS),
    Action.ADD_FROM_SHEET: Rule(who.OFFICE),
    # Problems.
    Action.ADD_PROBLEM: Rule(who.OFFICE),
    Action.EDIT_PROBLEM: _OFFICE_MENDS,
    Action.ASSIGN: _OFFICE_MENDS,
    Action.SET_STATUS: Rule(who.LEAD_UNIT, (*state.WORK_GOES_ON, state.STATUS_BY_HAND)),
    Action.WITHDRAW: _OFFICE_MENDS,
    Action.RESTORE: Rule(who.OFFICE, (state.WITHDRAWN,)),
    Action.CORRECT_DEADLINE: Rule(who.OFFICE, (*state.WORK_GOES_ON, state.HAS_DEADLINE)),
    Action.CONFIRM_LINK: Rule(who.OFFICE, (*state.NOT_FROZEN, state.NOT_CONFIRMED)),
    Action.REJECT_LINK: Rule(who.OFFICE, (*state.NOT_FROZEN, state.NOT_REJECTED)),
    # Measures and progress.
    Action.ADD_MEASURE: _UNIT_WORKS,
    Action.EDIT_MEASURE: _MEASURE,
    Action.FINISH_MEASURE: _MEASURE,
    Action.DROP_MEASURE: _MEASURE,
    Action.ADD_RULE: Rule(who.UNITS, (*state.WORK_GOES_ON, *state.LACKS_RULE)),
    Action.ADD_EVIDENCE: _UNIT_WORKS,
    Action.REPLACE_EVIDENCE: _UNIT_WORKS,
    Action.ADD_PROGRESS: _UNIT_WORKS,
    Action.CORRECT_NOTE: Rule(who.UNITS, (*state.WORK_GOES_ON, state.NOT_CORRECTED)),
    # Reviewed applications.
    Action.APPLY_CLOSE_OUT: Rule(who.LEAD_UNIT, (*state.WORK_GOES_ON, *state.CLOSABLE)),
    Action.CONFIRM_CLOSE_OUT: _DECIDES,
    Action.REVIEW_CLOSE_OUT: _DECIDES,
    Action.SIGN_CLOSE_OUT: _DECIDES,
    Action.RETURN_CLOSE_OUT: _DECIDES,
    Action.WITHDRAW_CLOSE_OUT: _TAKES_BACK,
    Action.APPLY_EXTENSION: Rule(who.LEAD_UNIT, (*state.WORK_GOES_ON, *state.EXTENSIBLE)),
    Action.CONFIRM_EXTENSION: _DECIDES,
    Action.REVIEW_EXTENSION: _DECIDES,
    Action.SIGN_EXTENSION: _DECIDES,
    Action.RETURN_EXTENSION: _DECIDES,
    Action.WITHDRAW_EXTENSION: _TAKES_BACK,
    Action.REOPEN: Rule(who.OFFICE, state.CAN_BE_REOPENED),
    Action.RECORD_FOLLOW_UP: Rule(who.LOOKS_AGAIN, state.IS_CONCLUDED),
    Action.NAME_STAND_IN: Rule(who.STAND_IN),
    Action.END_STAND_IN: Rule(who.STAND_IN),
    # What chases, and how messages go out.
    Action.ISSUE_SUPERVISION: Rule(who.OFFICE, (state.TO_SUPERVISE,)),
    Action.ACKNOWLEDGE_SUPERVISION: Rule(who.ADDRESSEE, (state.NOT_SIGNED_FOR,)),
    Action.REPLY_SUPERVISION: Rule(who.ADDRESSEE, state.TO_REPLY),
    Action.INSTRUCT: Rule(who.INSTRUCTOR, state.INSTRUCTABLE),
    Action.ACKNOWLEDGE_INSTRUCTION: Rule(who.HANDLER, state.STILL_TO_HANDLE),
    Action.CHASE_UNREPORTED: Rule(who.OFFICE),
    Action.URGE: Rule(who.OFFICE, (state.TO_SUPERVISE,)),
    Action.TELL: Rule(who.SYSTEM),
    Action.REMIND: Rule(who.SYSTEM),
    Action.EDIT_DELIVERY: Rule(who.OFFICE),
    Action.TEST_DELIVERY: Rule(who.OFFICE),
    Action.SEND_AGAIN: Rule(who.OFFICE),
    # People, and what must go.
    Action.HAND_OVER: Rule(who.OFFICE),
    Action.REQUEST_PURGE: Rule(who.OFFICE),
    Action.CONFIRM_PURGE: _SECOND_PERSON,
    Action.REFUSE_PURGE: _SECOND_PERSON,
    Action.ADD_ACCOUNT: Rule(who.SYSADMIN),
    Action.EDIT_ACCOUNT: Rule(who.SYSADMIN),
    Action.SET_PASSWORD: Rule(who.SYSADMIN),
    Action.SET_FACTOR: Rule(who.ONESELF),
    Action.DROP_FACTOR: Rule(who.ONESELF),
    Action.OPEN_CALENDAR: Rule(who.ONESELF),
    Action.CLOSE_CALENDAR: Rule(who.ONESELF),
    Action.USE_RECOVERY_CODE: Rule(who.ONESELF),
    Action.RESET_FACTOR: Rule(who.SYSADMIN),
    Action.EDIT_REFERENCE: Rule(who.SYSADMIN),
    Action.LOAD_ROSTER: Rule(who.SYSADMIN),
    Action.REQUEST_DUTY: Rule(who.SYSADMIN),
    Action.CONFIRM_DUTY: Rule(who.SECOND),
    Action.REFUSE_DUTY: Rule(who.SECOND),
    Action.EXPIRE_DUTY: Rule(who.SYSTEM),
    Action.MOVE_UNIT: Rule(who.TREE_OFFICE),
    Action.MERGE_UNITS: Rule(who.TREE_OFFICE),
    Action.RELAX_DUTIES: Rule(who.WATCHERS),
    Action.RESTORE_DUTIES: Rule(who.WATCHERS),
    Action.BREAK_GLASS: Rule(who.SYSTEM),
    Action.SET_UP: Rule(who.SYSTEM),
    Action.NAME_ROWS: Rule(who.SYSTEM),
    Action.RESTORE_BACKUP: Rule(who.SYSTEM),
}
