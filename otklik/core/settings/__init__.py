"""Configuration (``config``), secrets (``secrets``) and stored settings (``register``, ``get``,
``put``). Importing this package needs no Django; the stored settings load it at first use.
"""

from typing import TYPE_CHECKING, Any

from otklik.core.settings.config import Config, ConfigError, config, config_sources

if TYPE_CHECKING:
    from otklik.core.settings.sealed import register_sealed
    from otklik.core.settings.stored import get, get_many, list_declared, put, register

__all__ = [
    "Config",
    "ConfigError",
    "config",
    "config_sources",
    "get",
    "get_many",
    "list_declared",
    "put",
    "register",
    "register_sealed",
]


def __getattr__(name: str) -> Any:
    if name in {"get", "get_many", "list_declared", "put", "register"}:
        from otklik.core.settings import stored

        return getattr(stored, name)
    if name == "register_sealed":
        from otklik.core.settings.sealed import register_sealed

        return register_sealed
    raise AttributeError(name)
