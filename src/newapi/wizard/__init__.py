"""The wizard: asks the questions in a terminal, one page each, and ends with the plan that the person confirmed."""

from collections.abc import Callable

from newapi.answers import Answers, Questionnaire
from newapi.errors import UsageError
from newapi.plan import Plan


def run(
    questionnaire: Questionnaire, given: Answers, planned: Callable[[Answers], Plan], *, preset: str = ""
) -> Plan | None:
    """Ask what neither `given` nor the preset answers; None when the person cancelled.

    `planned` makes the plan that the review page shows, from all answers; what was reviewed is what is returned.
    """
    # prompt_toolkit takes a third of a second to import, which only a person in a wizard has.
    from prompt_toolkit.utils import is_dumb_terminal  # noqa: PLC0415 - as above

    if is_dumb_terminal():
        raise UsageError(
            "This terminal (TERM=dumb) cannot show the wizard.",
            "Answer with flags instead, such as `newapi create my-service --database postgresql --yes`.",
        )
    from newapi.wizard import model, screen, session  # noqa: PLC0415 - as above

    state = model.start(questionnaire, given, preset)
    for question in state.applying:
        problem = state.problem_with(question, given[question.name]) if question.name in given else ""
        if problem:
            raise UsageError(f"{question.flag}: {problem}", "`newapi options` shows what can be answered.")
    for one in state.unasked:
        if one.because.keys() <= given.keys():  # no page can change it
            raise UsageError(one.sentence, one.hint)
    return screen.show(session.Session(state, planned))
