"""What happened, who hears of it and when. Rows live in `otklik.core.events.models`."""

from otklik.core.events.phases import Phase
from otklik.core.events.registry import ANY_ORIGIN, event, name_events, name_of, on

__all__ = ["ANY_ORIGIN", "Phase", "event", "name_events", "name_of", "on"]
