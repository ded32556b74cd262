"""A created service as the harness boots it: by what the template says of it, for the answers that it was made with."""

from pathlib import Path

from newapi import sources, template
from newapi.answers import Questionnaire
from newapi.tree import Tree
from newapi.verify.contract import Contracts
from newapi.verify.model import Variant
from newapi.verify.site import Site
from newapi.verify.subject import Subject


def site(project: Path, beside: Path) -> Site:
    """The project in this folder; its logs go into the other."""
    questionnaire = Questionnaire(template.load())
    answers = questionnaire.complete(sources.said(questionnaire, flags={}, file=project / ".copier-answers.yml"))
    subject = Subject(Variant(project.name, answers, ()), Tree({}), Contracts(questionnaire).rendered(answers))
    return Site(subject, project, beside)
