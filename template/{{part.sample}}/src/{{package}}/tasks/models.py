"""What a task is, and the forms in which it crosses the wire."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

LARGEST_PAGE = 100
LARGEST_BATCH = 100

# No NUL byte: it is a text to Python, and to nobody else.
PRINTABLE = r"^[^\x00]*$"

type Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
type Description = Annotated[str, Meta(max_length=10_000, pattern=PRINTABLE)]
# Any offset comes in; what is kept and what goes out is in UTC.
type Moment = Annotated[datetime, Meta(tz=True)]


class TaskStatus(StrEnum):
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class TaskPriority(StrEnum):
    """In ascending order; sorting by priority follows it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


def due_in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or the last day of the calendar, from the other side of the world
        raise ValueError("`due_at` is out of range") from None


class TaskCreate(Struct, kw_only=True, forbid_unknown_fields=True):
    title: Title
    description: Description = ""
    # Not a plain default: Litestar would document it as the default of every priority, the filter of a list among them.
    priority: TaskPriority = field(default_factory=lambda: TaskPriority.NORMAL)
    due_at: Moment | None = None

    def __post_init__(self) -> None:
        if self.due_at:
            self.due_at = due_in_utc(self.due_at)


class TaskPatch(Struct, kw_only=True, forbid_unknown_fields=True):
    """A field that is absent stays as it is; `due_at: null` takes the date away."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    status: TaskStatus | UnsetType = UNSET
    priority: TaskPriority | UnsetType = UNSET
    due_at: Moment | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        if self.due_at:
            self.due_at = due_in_utc(self.due_at)


class TaskLine(Struct, frozen=True):
    """What a table says of a task: nothing that is long."""

    id: UUID
    title: str
    status: TaskStatus
    priority: TaskPriority
    due_at: datetime | None
    completed_at: datetime | None
    created_at: datetime


class TaskBatch(Struct, forbid_unknown_fields=True):
    tasks: Annotated[list[TaskCreate], Meta(min_length=1, max_length=LARGEST_BATCH)]


class TaskSelection(Struct, forbid_unknown_fields=True):
    ids: Annotated[list[UUID], Meta(min_length=1, max_length=LARGEST_BATCH)]


class TaskOut(Struct, kw_only=True):
    """`version` grows by one with each change; it is the ETag, too."""

    id: UUID
    version: int
    title: str
    description: str
    status: TaskStatus
    priority: TaskPriority
    due_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class TaskPage(Struct, kw_only=True):
    items: list[TaskOut]
    total: int
    limit: int
    offset: int


class TaskDashboard(Struct, kw_only=True):
    counts: dict[TaskStatus, int]
    overdue: int
    next: list[TaskOut]


class TaskView(Struct, forbid_unknown_fields=True):
    page_size: Annotated[int, Meta(ge=1, le=LARGEST_PAGE)]


class Task(Struct, frozen=True, kw_only=True):
    """A task as the service knows it; `owner_id` is nobody else's business and stays inside."""

    id: UUID
    version: int = 1
    owner_id: UUID
    title: str
    description: str = ""
    status: TaskStatus = TaskStatus.TODO
    priority: TaskPriority = TaskPriority.NORMAL
    due_at: datetime | None = None
    completed_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


type SortKey = Literal["created_at", "updated_at", "due_at", "priority", "title"]


class TaskQuery(Struct, frozen=True, kw_only=True):
    """Which tasks to list. Without a date to sort by, a task comes last either way."""

    limit: int = 20
    offset: int = 0
    status: TaskStatus | None = None
    priority: TaskPriority | None = None
    search: str = ""
    sort: SortKey = "created_at"
    descending: bool = True
