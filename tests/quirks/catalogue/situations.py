"""What no catalogue of others covers, and what we found ourselves. Judges nothing."""

from __future__ import annotations

from monitor.rtsp.quirks import Quirk
from registry.vocabulary import Reason
from tests.quirks.catalogue.row import Section, fails, noted, tolerated

# fmt: off
# One row, one line.

SITUATIONS = Section(
    "Other situations",
    (
        fails("S01", "A description without `Content-Length`", "", "Says so: nothing tells where it ends. FFmpeg and live555 read none there either.", Reason.PROTOCOL),
        tolerated("S02", "`RTSP/2.0` in the answers", "", "Reads them. A server that refuses version 1.0 (505) is told as unsupported.", Reason.UNSUPPORTED),
        fails("S03", "A web server answers on the RTSP port", "wrong port number", "Names it.", Reason.PROTOCOL),
        fails("S04", "TLS on the plain port, or plain RTSP on the TLS port", "wrong port number or scheme", "Names it.", Reason.PROTOCOL, Reason.TLS),
        fails("S05", "The camera restarts in the middle of SETUP", "", "Names the step: closed if it hangs up, a timeout if it falls silent; refused until it is back.", Reason.CLOSED, Reason.TIMEOUT, Reason.REFUSED),
        tolerated("S06", "Two cameras behind one address", "recorders", "Keeps what was learned of each apart; a wrong password counts for both, since the recorder would lock both.", Reason.NOT_FOUND),
        noted("S07", Quirk.ON_DEMAND, "The first look after a pause takes seconds", "MediaMTX, go2rtc, cloud relays", "Gives that feed 10 s instead of 5."),
        noted("S08", Quirk.CONTROL_HOST_REPLACED, "The address that the description names is refused", "cameras behind NAT", "Asks once more with the address of the connection."),
        noted("S09", Quirk.UNREADABLE_FIELD, "SETUP does not say which transport was chosen", "", "Takes it as the one that was asked for."),
        noted("S10", Quirk.CONTENT_BASE_UNUSABLE, "A base that is no address", "", "Uses the address that was asked for."),
        fails("S11", "Plain RTP is described and asked for, and SETUP chooses encrypted RTP", "", "Does not take it for pictures: says so, and closes the session.", Reason.UNSUPPORTED),
    ),
    on_sockets=True,
)
