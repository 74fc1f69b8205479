"""Help where it is needed: short topics beside the thing they speak of, found by the palette."""

from otklik.workspace.help.topics import Topic, find_topic, list_topics, register_topic

__all__ = ["Topic", "find_topic", "list_topics", "register_topic"]
