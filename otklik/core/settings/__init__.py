"""Configuration (``config``), secrets (``secrets``) and stored settings (``register``, ``get``,
``put``). Importing this package needs no Django; the stored settings load it at first use.
"""

from otklik.core.settings.config import Config, ConfigError, config, config_sources

__all__ = ["Config", "ConfigError", "config", "config_sources"]
