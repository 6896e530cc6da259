"""How a moment is written where a page does not say: with its time zone, so that nobody takes UTC for their own."""

DATETIME_FORMAT = "N j, Y, P T"
