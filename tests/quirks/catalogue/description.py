"""Descriptions, SETUP and PLAY: sections 6 to 8 of the catalogue. Judges nothing."""

from __future__ import annotations

from monitor.rtsp.quirks import Quirk
from registry.vocabulary import Reason
from tests.quirks.catalogue.row import Section, fails, noted, ours, tolerated

# fmt: off
# One row, one line.

TEXT = Section(
    "The description's text",
    (
        tolerated("Q61", "Lines that must be there are missing", "Wisenet, UDP Technology", "Needs `m=` and `a=` lines only.", Reason.PROTOCOL),
        tolerated("Q62", "An origin line that makes no sense", "TP-Link and many others", "Does not read it."),
        tolerated("Q63", "A connection line that makes no sense", "Hikvision, Avigilon", "Does not read it."),
        tolerated("Q64", "`t=now-`, repeated names", "FLIR", "Does not read them."),
        tolerated("Q65", "Line ends of any kind, empty lines, none at the end", "", "Reads them all."),
        tolerated("Q66", "Bandwidths nobody defined", "", "Does not read them."),
        tolerated("Q67", "Media that are neither video nor audio", "TP-Link, Mercury", "Skips them and takes the video.", Reason.NO_VIDEO),
        tolerated("Q68", "`TCP/RTP/AVP` and other odd transports; encrypted RTP; `MP2T/AVP`", "", "Takes whatever is RTP. Encrypted RTP and MPEG transport streams are told as unsupported.", Reason.UNSUPPORTED),
        tolerated("Q69", "Blanks at the ends of lines", "H264DVR, VStarcam", "Strips them."),
        tolerated("Q70", "Parameters that are empty, broken or in another case", "UniFi, Reolink", "Skips what is broken."),
        noted("Q71", Quirk.FMTP_UNDER_OTHER_MEDIA, "The parameters of the video stand under the audio", "", "Finds them by their payload type."),
        tolerated("Q72", "A payload type without its name", "GW Security, most MJPEG cameras", "Knows the fixed types of RFC 3551; a name that is given wins.", Reason.UNSUPPORTED),
        tolerated("Q73", "A codec on an unusual payload type, or with parameters of another", "Bosch, Anjvision", "Goes by the name of the codec."),
        tolerated("Q74", "Frame rates that are no numbers", "H264DVR", "Takes the last one that is; it is only compared, never trusted."),
        tolerated("Q75", "All media are marked as not to be received", "", "Takes them all the same."),
        noted("Q76", Quirk.SPROP_UNUSABLE, "Parameter sets in the description are broken or wrapped", "GW Security, VStarcam, Revotech", "Waits for those in the stream.", Reason.NO_KEYFRAME),
        tolerated("Q77", "No parameter sets in the description", "", "Waits for those in the stream.", Reason.NO_KEYFRAME),
    ),
)

SETUP = Section(
    "SETUP",
    (
        noted("Q78", Quirk.UDP_ONLY, "The camera gives its video over UDP only", "", "Connects again and asks for UDP, where the feed's `transport` is `auto`; remembers it.", Reason.UNSUPPORTED),
        tolerated("Q79", "Other channels than were asked for", "", "Listens to those.", Reason.PROTOCOL),
        noted("Q80", Quirk.TRANSPORT_WITHOUT_TCP, "TCP is meant and not said", "Escam Q6", "Knows it by the channels."),
        tolerated("Q81", "Parameters in any order, with blanks, in quotes", "Axis, Luckfox", "Reads them so."),
        tolerated("Q82", "A source that cannot be read, is 0 or has blanks", "Hikvision, Dahua", "Takes it as not told."),
        noted("Q83", Quirk.SSRC_DIFFERS, "The packets come from another source than was told", "Reolink", "Follows the packets."),
        tolerated("Q84", "Nothing usable about where UDP packets will come from", "OpenIPC", "Takes them from the camera's address on any port, and never from anywhere else."),
        noted("Q85", Quirk.SESSION_ID_CHANGED, "The session changes its name", "H264DVR", "Keeps the first; only the video is set up, so this happens rarely."),
        tolerated("Q86", "Time-outs of 0, or unreadable ones", "Tapo and others", "Takes 60 s."),
        ours("Q87", "UDP ports must be neighbours, the even one first", "", "Binds them so."),
    ),
    on_sockets=True,
)

PLAY = Section(
    "PLAY",
    (
        tolerated("Q88", "PLAY tells nothing of the stream", "VStarcam, H264DVR", "Does not need it."),
        tolerated("Q89", "What PLAY tells of the stream makes no sense", "Laureii, OMNY, Axis, Reolink, Dahua", "Does not read it."),
        tolerated("Q90", "What PLAY tells of the stream is wrong", "Hikvision DS-2CD2032-I, Tapo C320WS", "Begins with the first packet."),
        tolerated("Q91", "Media before the answer to PLAY", "v4l2rtspserver, Reolink", "Counts it from SETUP on."),
        tolerated("Q92", "Media on channels that nobody set up", "", "Counts it aside, and tells it when the look fails."),
        noted("Q93", Quirk.DATA_BEFORE_PLAY, "Media before anything was asked for, even before the login", "old live555", "Goes on, notes it, and leaves the camera alone for 65 s. Others can see this camera without a login."),
        fails("Q94", "PLAY is answered, and nothing comes", "", "Says what came instead, if anything.", Reason.NO_PACKETS),
    ),
    on_sockets=True,
)
