"""Packets, sessions that last, pictures and time: sections 9 to 13 of the catalogue."""

from __future__ import annotations

from monitor.rtsp.quirks import Quirk
from registry.vocabulary import Reason
from tests.quirks.catalogue.row import Section, fails, not_applicable, noted, ours, tolerated

# fmt: off
# One row, one line.

PACKETS = Section(
    "Packets",
    (
        noted("Q95", Quirk.FOREIGN_SSRC, "Packets of somebody else's session among ours", "Reolink RLC-410", "Follows the first source, and counts the others aside."),
        noted("Q96", Quirk.STREAM_RESET, "The encoder restarts with another source", "", "Follows it once the old one was silent for 2 s."),
        tolerated("Q97", "Packets of a type nobody announced", "Geovision", "Drops them before counting."),
        tolerated("Q98", "Packets are missing although they came over TCP", "Eufy", "Counts them as lost, and goes on; many of them degrade the feed.", Reason.PACKET_LOSS),
        tolerated("Q99", "Extensions, padding longer than the packet", "", "Drops what contradicts itself."),
        ours("Q100", "UDP packets of 10 000 bytes", "Tapo", "Has room for 64 KiB."),
        tolerated("Q101", "Broken control packets", "Hanwha, Tapo C320WS", "Drops them."),
        fails("Q102", "The camera says goodbye and keeps the connection", "Doorbird", "Ends the look at once.", Reason.ENDED_BY_CAMERA),
        tolerated("Q103", "\"Port unreachable\" when the way for UDP is opened", "", "Does not mind: the way may open later."),
        ours("Q104", "A firewall keeps UDP out until something went the other way", "", "Sends a small packet from each port before PLAY."),
    ),
)

KEEPALIVE = Section(
    "Sessions that last",
    (
        ours("Q105", "GET_PARAMETER ends the session, or is the only thing that keeps it", "GW Security; VLC", "Sends OPTIONS, at once and from then on GET_PARAMETER where the camera lists it, SET_PARAMETER never."),
        noted("Q106", Quirk.KEEPALIVE_FALLBACK, "A listed method is refused", "Tapo C220, C520WS", "Goes back to OPTIONS for good."),
        tolerated("Q107", "Keepalives are never answered", "", "Does not wait: packets tell whether the session lives."),
        ours("Q108", "Keepalives count only with session, login and the right address", "", "Sends all three."),
        ours("Q109", "Time-outs of 15 s, counted by the camera's clock", "Tapo and others", "Sends one at half the time-out, at least every 30 s."),
        ours("Q110", "The stream stops without receiver reports", "Arlo", "Sends one every 5 s over UDP."),
    ),
    on_sockets=True,
)

LEAVING = Section(
    "Leaving",
    (
        ours("Q111", "After a connection was just closed, the camera writes on into other people's", "live555 before 2017.06.04: old Reolink, Foscam, Anjvision", "Ends every session and waits for the answer; where none comes, leaves the camera alone for 65 s. Noted as `old_live555`."),
        tolerated("Q112", "Media and old answers while the end is awaited", "", "Reads past them."),
        noted("Q113", Quirk.DATA_BEFORE_PLAY, "Somebody's dead session writes into our connection", "old live555", "Leaves the camera alone for 65 s instead of asking more often."),
        tolerated("Q114", "TEARDOWN is answered 500 or 454", "Hikvision", "Takes both as gone."),
        ours("Q115", "Without TEARDOWN the place stays taken", "", "Sends it after errors, on cancellation and at shutdown too, and waits 2 s at most."),
        ours("Q116", "The camera ignores TEARDOWN", "", "Asks it no more often than its session's time-out. Noted as `teardown_unanswered`."),
    ),
    on_sockets=True,
)

PICTURES = Section(
    "Pictures in packets",
    (
        tolerated("Q117", "The end of a picture is marked on what is no picture", "Reolink RLC-822A, Tapo TC70, LV-IP22IR40DVBL", "Lets only picture data end a picture."),
        tolerated("Q118", "The end of a picture is never marked", "FLIR M400", "Goes by the time stamps."),
        tolerated("Q119", "More of a picture comes behind its marked end", "VStarcam", "Counts one picture."),
        tolerated("Q120", "Start codes inside packets", "V380, other cheap cameras", "Splits at them."),
        tolerated("Q121", "Fragments that begin and end at once, change their type or are empty", "CostarHD, Tiandy", "Puts them together."),
        tolerated("Q122", "Fragments and bundles that were not announced; zeros behind them", "", "Reads them."),
        noted("Q123", Quirk.SIZE_UNKNOWN, "The size cannot be read", "Reolink doorbell, Tenda, Xiaomi", "Leaves the size open, and the look goes on."),
        noted("Q124", Quirk.PARAMETERS_CHANGED, "The size changes in mid-stream", "", "Takes the new one; each keyframe is decoded with its own."),
        tolerated("Q125", "JPEGs that begin in the middle or have no end", "", "Waits for the next beginning, and adds the end."),
        ours("Q126", "A picture that never ends", "", "Keeps 5 MiB of it at most.", Reason.NO_KEYFRAME),
        ours("Q127", "Audio that is declared and never comes, or is broken", "", "Never sets up audio."),
        tolerated("Q139", "H.264 without IDR pictures", "", "Begins at recovery points."),
        noted("Q140", Quirk.NO_RANDOM_ACCESS_POINT, "No keyframes at all: the picture is renewed strip by strip", "", "Counts the feed as live, and its picture as not checkable."),
        tolerated("Q141", "H.265 that begins with CRA or BLA pictures", "", "Begins there."),
        tolerated("Q142", "Interlaced video in two fields", "old recorders", "Counts both fields as one picture."),
        tolerated("Q143", "Keyframes in many slices, one of them lost", "", "Judges no picture that is not whole.", Reason.NO_KEYFRAME),
        tolerated("Q144", "Packets of the interleaved mode", "", "Reads them; where the order is really mixed it says unsupported.", Reason.UNSUPPORTED),
        tolerated("Q145", "One picture in five seconds, by intention", "time-lapse, night mode", "Waits as long as the feed's expected rate says."),
        tolerated("Q146", "IPv6 addresses, with an interface too", "", "Connects to them; the camera is never told of the interface."),
    ),
)

TIME = Section(
    "Time and freshness",
    (
        ours("Q128", "Time stamps jump, wrap, run backwards", "", "Goes by its own clock at arrival."),
        ours("Q129", "The first burst holds pictures from before the look", "", "Leaves the first second out of rates."),
        ours("Q130", "The camera's clock is years wrong, or missing", "", "Shows the offset as a figure; it never makes a reason."),
        ours("Q131", "Fewer frames than the camera says", "", "Counts them."),
        ours("Q132", "Many seconds between keyframes", "smart codecs, H.264+", "Waits 10 s, or what the feed's own limit says; no keyframe is another reason than no packets.", Reason.NO_KEYFRAME),
        ours("Q133", "Everything flows, and the picture stands still", "Axis loops, dead sensors", "Compares keyframes within and between looks.", Reason.FROZEN),
        not_applicable("Q134", "First pictures with wrong times, when FFmpeg reads the camera", "", "Nothing here lets FFmpeg open an address: keyframes are taken from packets by camreach itself."),
        not_applicable("Q135", "Opening a camera with OpenCV blocks for half a minute or for ever", "", "Nothing here lets OpenCV open an address; decoding is done in children that can be ended."),
        not_applicable("Q136", "OpenCV prefers UDP and waits for it", "", "Nothing here lets OpenCV open an address; the transport is the feed's."),
        tolerated("Q137", "The decoder complains until the first keyframe", "", "Gives it nothing before one that is whole, with its parameter sets.", Reason.NO_KEYFRAME),
        ours("Q138", "Sub-streams with pixels that are not square", "", "Compares pictures as they are stored."),
    ),
)
