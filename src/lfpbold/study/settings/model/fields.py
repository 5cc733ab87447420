"""What a setting is: a field with its default, unit, reason, allowed values, and the stages that read it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# Under which settings a stage reads a field: nothing, or `section.key` to the values at which it does.
Condition = dict[str, list]


class Section(BaseModel):
    """A section of the config; its docstring is the comment above it.

    `read_by`: the stages that read all of it; `read_when`: those that do where other settings have certain values.
    """

    # Strict: neither `true` nor "20" is a number. The patterns use lookahead, which the default engine lacks.
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, regex_engine="python-re", frozen=True)
    read_by: ClassVar[tuple[str, ...]] = ()
    read_when: ClassVar[dict[str, Condition]] = {}


def setting(
    default: Any = ...,
    reason: str = "",
    *,
    unit: str = "",
    read_by: tuple[str, ...] = (),
    read_when: dict[str, Condition] | None = None,
    column: str = "",
    form: str = "",
    **constraints,
) -> Any:
    """One setting.

    Parameters
    ----------
    default : object
        Its value in `config/config.yaml`; without one, it is required in each entry of a table.
    reason : str
        Why, what its values mean, and where the paper is silent: the comment in `config/config.yaml`.
    unit : str
    read_by : tuple of str
        Stages that read it besides those of its section.
    read_when : dict of stage to condition, optional
        Stages that read it only where other settings have certain values.
    column : {"", "recording", "run"}
        Whether a column of the sheet may override it: row by row, or alike in all rows of one run.
    form : str
        How an entry of a table is written, where its name alone does not show that.
    **constraints
        Of `pydantic.Field`: `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`, `pattern`.

    Returns
    -------
    field : pydantic.fields.FieldInfo
    """
    known = {"unit": unit, "stages": dict.fromkeys(read_by) | (read_when or {}), "column": column, "form": form}
    extra: Any = {f"x-{name}": value for name, value in known.items() if value}
    # None would replace what the type itself declares, such as `uniqueItems`.
    also = {"json_schema_extra": extra} if extra else {}
    return Field(default, description=reason or None, **also, **constraints)


def _unique(values: list) -> list:
    if len(set(values)) < len(values):
        raise ValueError("has a duplicate value")
    return values


def _not_zero(value):
    if value == 0:
        raise ValueError("must not be 0")
    return value


NotZero = AfterValidator(_not_zero), Field(json_schema_extra={"not": {"const": 0}})
Unique = AfterValidator(_unique), Field(json_schema_extra={"uniqueItems": True})

# Python's `$` also matches before a final newline; `(?!\n)` excludes it. Names become parts of file names, which have
# at most 255 bytes.
Label = Annotated[str, Field(pattern=r"^[0-9A-Za-z]+$(?!\n)", max_length=32)]
Labels = Annotated[list[Label], Field(min_length=1, max_length=10_000), *Unique]
BandName = Annotated[
    str,
    Field(
        pattern=r"^(?!f[0-9]{3}$|multiunit$|shuffled_|seed$|lag_s$|volume$|time_s$)[0-9A-Za-z_]+$(?!\n)", max_length=32
    ),
]
ContrastName = Annotated[str, Field(pattern=r"^[0-9A-Za-z_]+$")]
VariantName = Annotated[str, Field(pattern=r"^[0-9A-Za-z_]+(-[0-9]{3,})?$(?!\n)", max_length=60)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)")]
PathName = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Positive = Annotated[float, Field(gt=0, le=100_000)]
Seconds = Annotated[float, Field(ge=0.001, le=100_000)]
Integer32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Region = Annotated[int, Field(ge=-(2**31), le=2**31 - 1), *NotZero]
Regions = Annotated[list[Region], Field(min_length=1, max_length=10_000), *Unique]
FilterBand = Annotated[list[Annotated[float, Field(ge=0.0001, le=100_000)]], Field(min_length=2, max_length=2)]
Range = Annotated[list[Annotated[float, Field(ge=0, le=100_000)]], Field(min_length=2, max_length=2)]
Steps = Annotated[list[Annotated[float, Field(ge=0.0001, le=100_000)]], Field(min_length=3, max_length=3)]
Window = Annotated[list[Annotated[float, Field(ge=-120, le=600)]], Field(min_length=2, max_length=2)]
