"""`dataclasses` for modules that every command imports: the same classes, whose methods are compiled at their first use.

The standard decorator compiles six methods a class and imports `inspect`, which took half of the time until
`planner list` said something. Type checkers see the standard library here. Whatever it can do and this cannot, it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dataclasses import dataclass, field, fields, replace

__all__ = ["dataclass", "field", "fields", "replace"]

_MISSING: Final = object()
_SPECS = "__record_specs__"


class _Spec:
    """What is said of one field beside its annotation."""

    __slots__ = ("compare", "default", "factory", "repr")

    def __init__(self, default: object, factory: object, compare: bool, shown: bool) -> None:
        self.default = default
        self.factory = factory
        self.compare = compare
        self.repr = shown


def _field(
    *,
    default: object = _MISSING,
    default_factory: object = _MISSING,
    compare: bool = True,
    repr: bool = True,  # noqa: A002
) -> object:
    return _Spec(default, default_factory, compare, repr)


def _dataclass(
    cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, order: bool = False, **more: object
) -> Any:
    def decorate(cls: type) -> type:
        kinds = {str(kind) for kind in cls.__dict__.get("__annotations__", {}).values()}  # noqa: RUF063 (inspect is slow)
        if more or any(kind.startswith(("InitVar", "KW_ONLY")) for kind in kinds):
            return _by_the_library(cls, frozen=frozen, slots=slots, order=order, **more)
        return _record(cls, frozen, slots, order)

    return decorate if cls is None else decorate(cls)


def _record(cls: type, frozen: bool, slots: bool, order: bool) -> type:
    given = dict(cls.__dict__)
    specs: dict[str, _Spec] = {}
    for base in reversed(cls.__mro__[1:]):
        specs.update(base.__dict__.get(_SPECS, {}))
    own = [name for name, kind in given.get("__annotations__", {}).items() if not str(kind).startswith("ClassVar")]
    for name in own:
        said = given.get(name, _MISSING)
        spec = specs[name] = said if isinstance(said, _Spec) else _Spec(said, _MISSING, True, True)
        if slots or spec.default is _MISSING:
            given.pop(name, None)
        else:
            given[name] = spec.default
    if slots:
        held = {name for base in cls.__mro__[1:] for name in base.__dict__.get("__slots__", ())}
        given["__slots__"] = tuple(name for name in own if name not in held)
    for unwanted in ("__dict__", "__weakref__"):
        given.pop(unwanted, None)
    _add_methods(given, specs, frozen, order)
    made = type(cls)(cls.__name__, cls.__bases__, given)
    made.__qualname__ = cls.__qualname__
    if "__init__" not in given:
        made.__init__ = _compiled_later(made, specs, frozen)  # type: ignore[misc]
    return made


def _add_methods(given: dict[str, Any], specs: dict[str, _Spec], frozen: bool, order: bool) -> None:
    """Everything but `__init__`: shared code, nothing to compile."""
    names = tuple(specs)
    values = _getter([name for name in names if specs[name].compare])
    shown = [name for name in names if specs[name].repr]

    def compared(relation: Callable[[object, object], bool]) -> Callable[[object, object], object]:
        def method(self: object, other: object) -> object:
            return relation(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

        return method

    def __repr__(self: object) -> str:  # noqa: N807
        said = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({said})"

    def __getstate__(self: object) -> list[object]:  # noqa: N807
        return [getattr(self, name) for name in names]

    def __setstate__(self: object, state: Iterable[object]) -> None:  # noqa: N807
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    methods: dict[str, object] = {"__repr__": __repr__, "__match_args__": names}
    if "__eq__" not in given:
        methods["__eq__"] = compared(lambda one, other: one == other)
    if given.get("__hash__") is None:  # as a class that says __eq__ and nothing of its hash has it
        given["__hash__"] = (lambda self: hash(values(self))) if frozen else None
    if order:
        for name, relation in _ORDER.items():
            methods[name] = compared(relation)
    if frozen and "__slots__" in given:
        methods |= {"__getstate__": __getstate__, "__setstate__": __setstate__}
    for name, method in methods.items():
        given.setdefault(name, method)
    if frozen:
        fixed = frozenset(names)
        given |= {"__setattr__": _refused(fixed, "assign to"), "__delattr__": _refused(fixed, "delete")}
    given |= {_SPECS: specs, "__dataclass_fields__": _Standard(frozen), "__dataclass_params__": _Standard(frozen)}


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "__lt__": lambda one, other: one < other,
    "__le__": lambda one, other: one <= other,
    "__gt__": lambda one, other: one > other,
    "__ge__": lambda one, other: one >= other,
}


def _getter(names: list[str]) -> Callable[[object], object]:
    if len(names) > 1:
        return attrgetter(*names)
    (get,) = map(attrgetter, names) if names else (lambda _: None,)
    return lambda self: (get(self),)


def _refused(names: frozenset[str], what: str) -> Callable[..., None]:
    """A frozen value has none of its fields set or deleted, and its own class no other attribute either."""
    plain = object.__setattr__ if what == "assign to" else object.__delattr__

    def method(self: object, name: str, *value: object) -> None:
        if name in names or _SPECS in type(self).__dict__:
            from dataclasses import FrozenInstanceError

            raise FrozenInstanceError(f"cannot {what} field {name!r}")
        plain(self, name, *value)

    return method


def _compiled_later(cls: type, specs: dict[str, _Spec], frozen: bool) -> Callable[..., None]:
    def __init__(self: object, *args: object, **kwargs: object) -> None:  # noqa: N807
        method = cls.__init__ = _compiled(cls, specs, frozen)  # type: ignore[misc]
        method(self, *args, **kwargs)

    return __init__


def _compiled(cls: type, specs: dict[str, _Spec], frozen: bool) -> Callable[..., None]:
    scope: dict[str, Any] = {"_put": object.__setattr__, "_none": _MISSING}
    arguments, lines = ["self"], []
    for name, spec in specs.items():
        value = name
        if spec.factory is not _MISSING:
            scope[f"_new_{name}"] = spec.factory
            arguments.append(f"{name}=_none")
            value = f"_new_{name}() if {name} is _none else {name}"
        elif spec.default is not _MISSING:
            scope[f"_default_{name}"] = spec.default
            arguments.append(f"{name}=_default_{name}")
        else:
            arguments.append(name)
        lines.append(f" _put(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec(f"def __init__({', '.join(arguments)}):\n" + "\n".join(lines or [" pass"]), scope)  # noqa: S102 (names of fields)
    method: Callable[..., None] = scope["__init__"]
    method.__qualname__ = f"{cls.__qualname__}.__init__"
    return method


class _Standard:
    """The attributes by which the standard library knows its own, made when it asks."""

    def __init__(self, frozen: bool) -> None:
        self._frozen = frozen

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, _: object, owner: type) -> object:
        specs: dict[str, _Spec] = getattr(owner, _SPECS)
        kinds: dict[str, object] = {}
        for base in reversed(owner.__mro__):
            kinds.update(base.__dict__.get("__annotations__", {}))  # noqa: RUF063
        import dataclasses

        said = [(name, kinds[name], _standard_field(spec)) for name, spec in specs.items()]
        twin = dataclasses.make_dataclass(owner.__name__, said, frozen=self._frozen)
        return getattr(twin, self._name)


def _standard_field(spec: _Spec) -> Any:
    import dataclasses

    said: dict[str, Any] = {"compare": spec.compare, "repr": spec.repr}
    if spec.factory is not _MISSING:
        said["default_factory"] = spec.factory
    elif spec.default is not _MISSING:
        said["default"] = spec.default
    return dataclasses.field(**said)


def _by_the_library(cls: type, **said: Any) -> type:
    import dataclasses

    for name, value in tuple(cls.__dict__.items()):
        if isinstance(value, _Spec):
            setattr(cls, name, _standard_field(value))
    made: type = dataclasses.dataclass(**said)(cls)
    return made


def _fields(value: object) -> Any:
    import dataclasses

    return dataclasses.fields(value)  # type: ignore[arg-type]


def _replace(value: Any, /, **changes: Any) -> Any:
    specs = getattr(type(value), _SPECS, None)
    if specs is None:
        import dataclasses

        return dataclasses.replace(value, **changes)
    return type(value)(**{name: getattr(value, name) for name in specs if name not in changes}, **changes)


if not TYPE_CHECKING:
    dataclass, field, fields, replace = _dataclass, _field, _fields, _replace
