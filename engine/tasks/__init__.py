"""One file per task; a tenth costs one more, and one more line here."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.errors import UsageError
from engine.tasks.breast_ultrasound import BREAST_ULTRASOUND
from engine.tasks.chest_xray import CHEST_XRAY
from engine.tasks.clinical_note import CLINICAL_NOTE
from engine.tasks.film_and_note import FILM_AND_NOTE
from engine.tasks.icu_course import ICU_COURSE
from engine.tasks.literature import LITERATURE
from engine.tasks.own_images import OWN_IMAGES
from engine.tasks.radiology_report import RADIOLOGY_REPORT
from engine.tasks.splice_junction import SPLICE_JUNCTION
from engine.tasks.task import Task
from engine.tasks.treatment import TREATMENT
from engine.tasks.visual_question import VISUAL_QUESTION

_SHIPPED = (
    CHEST_XRAY,
    BREAST_ULTRASOUND,
    RADIOLOGY_REPORT,
    CLINICAL_NOTE,
    TREATMENT,
    ICU_COURSE,
    SPLICE_JUNCTION,
    VISUAL_QUESTION,
    FILM_AND_NOTE,
    LITERATURE,
)

TASKS: Mapping[str, Task] = MappingProxyType({task.name: task for task in _SHIPPED})
"""The tasks that come with a model."""

KNOWN_TASKS: Mapping[str, Task] = MappingProxyType({**TASKS, OWN_IMAGES.name: OWN_IMAGES})
"""These, and those that can be trained on one's own data only."""


def known_task(name: str) -> Task:
    """Find a task by its name.

    Raises
    ------
    UsageError
        There is none of that name.
    """
    if name not in KNOWN_TASKS:
        raise UsageError(f"There is no task {name!r}.", f"Choose one of: {', '.join(KNOWN_TASKS)}.")
    return KNOWN_TASKS[name]
