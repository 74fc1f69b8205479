"""Tell open pages that something changed: ids and versions, never content."""

from otklik.core.realtime.topics import register_drawing, register_topic
from otklik.core.realtime.wire import doubt_rights, publish, publish_all

__all__ = ["doubt_rights", "publish", "publish_all", "register_drawing", "register_topic"]
