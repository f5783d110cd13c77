"""What is said on the connection: sections 1 to 5 of the catalogue. Judges nothing."""

from __future__ import annotations

from monitor.rtsp.quirks import Quirk
from registry.vocabulary import Reason
from tests.quirks.catalogue.row import Section, fails, noted, ours, tolerated

# fmt: off
# One row, one line.

FRAMING = Section(
    "The connection",
    (
        tolerated("Q01", "Empty lines between messages, even before media", "", "Skips them."),
        noted("Q02", Quirk.GARBAGE_SKIPPED, "Stray bytes between messages; the place of the media is lost", "", "Looks for the next message or packet, at most 4 KiB on and three times in a connection.", Reason.PROTOCOL),
        tolerated("Q03", "Messages come in pieces, or several at once", "", "Reads them whatever way the network cuts them."),
        tolerated("Q04", "`Cseq`, `CONTENT-TYPE`: names of headers in any case", "H264DVR, VStarcam, HiSilicon firmware", "Compares names without case."),
        tolerated("Q05", "Blanks behind values, none or many before them", "Longse, Hikvision", "Strips them."),
        ours("Q06", "The same header twice, say two challenges", "", "Keeps both, and answers the stronger one."),
        ours("Q07", "Headers or texts without end", "hostile or broken devices", "Takes 32 KiB of headers, 255 lines and 128 KiB of text, and no more.", Reason.PROTOCOL),
        noted("Q08", Quirk.SERVER_REQUEST, "The camera asks us something in the middle of a session", "", "Answers OPTIONS and GET_PARAMETER with 200, all else with 501, and goes on."),
        noted("Q09", Quirk.CLOSED_AFTER_CHALLENGE, "The camera closes the connection after asking for a login", "VStarcam", "Connects once more and asks with the login at once.", Reason.CLOSED),
        ours("Q10", "A second DESCRIBE on a connection is refused", "", "Asks once per connection; each look has a connection of its own."),
        ours("Q11", "A new connection that goes on where the old one ended is answered 401", "some Hikvision", "Begins every connection with DESCRIBE."),
        noted("Q12", Quirk.REDIRECTED, "The camera sends us elsewhere (301, 302)", "", "Follows twice at most, never from RTSPS to RTSP; the login stays behind at another host or port.", Reason.PROTOCOL),
        ours("Q13", "RTSPS on any port, with a certificate of its own, with old TLS only", "UniFi, older Hikvision", "Asks of the certificate what `tls` of the feed says; old TLS is noted as `old_tls`.", Reason.TLS),
        fails("Q14", "A full camera answers 453, 503 or even 401, or refuses the connection", "small cameras, recorders, doorbells", "Calls it busy, and asks that host for fewer sessions for a while. A 401 right after success is asked once more before it is a wrong password.", Reason.BUSY),
        ours("Q15", "Asking for the way back of an intercom makes a camera refuse while somebody talks", "Dahua, Amcrest", "Never asks for it."),
    ),
    on_sockets=True,
)

SENT = Section(
    "What camreach sends",
    (
        ours("Q16", "Request number 0 is refused", "", "Counts from 1."),
        ours("Q17", "`CSeq` must be the first header", "", "Sends it first, `User-Agent` second."),
        ours("Q18", "`CSeq` must be spelt so", "", "Spells it so."),
        ours("Q19", "401 to a client without a name", "", "Always sends `User-Agent: camreach`."),
        ours("Q20", "An address with `%24` or `%2F` stops working when it is tidied up", "Dahua DSS", "Keeps the text of the address as it was typed, on the wire and in the login."),
        ours("Q21", "Passwords with `% # / @ : [ ]`", "", "Keeps passwords apart from addresses; one that was typed into an address is cut out of it first."),
        ours("Q22", "`mode=play` in SETUP breaks the answer", "", "Leaves it out."),
        ours("Q23", "PLAY without a range is refused", "Parrot", "Asks for `npt=0.000-`, and for no speed."),
        ours("Q24", "An unknown method makes the server hang up", "", "Uses DESCRIBE, SETUP, PLAY, TEARDOWN and OPTIONS, others only where they are listed."),
        ours("Q25", "461 to `RTP/AVP/UDP`, though UDP works", "", "Writes `RTP/AVP`."),
        ours("Q26", "A login in the address shows up in logs", "", "Takes it out before anything is sent, logged or shown."),
    ),
)

REPLIES = Section(
    "Any answer",
    (
        tolerated("Q27", "Answers without a number", "", "Takes it as the answer to what was asked."),
        tolerated("Q28", "The answer to an earlier question comes late", "", "Drops it by its number."),
        noted("Q29", Quirk.WRONG_CSEQ, "Answers with number 0, or that of the question before", "Tapo C220, C520WS; Foscam C1", "Takes it as the answer to what is still open."),
        tolerated("Q30", "A session already in the answer to DESCRIBE; another time-out in PLAY than in SETUP", "GW Security", "Takes the session of SETUP and the newest time-out."),
        tolerated("Q31", "No words, or strange ones, behind the status number", "", "Reads the number."),
    ),
    on_sockets=True,
)

LOGIN = Section(
    "Logging in",
    (
        ours("Q32", "A challenge without `qop`", "most older cameras", "Answers in the old form of RFC 2069."),
        ours("Q33", "`qop=\"auth\"` is required", "Dahua", "Answers with it, and counts."),
        ours("Q34", "A list of qualities, quoted or not", "", "Picks `auth` out of it.", Reason.AUTH_UNSUPPORTED),
        ours("Q35", "401 when MD5 is said aloud", "TP-Link", "Names an algorithm only where it is not MD5."),
        ours("Q36", "SHA-256 and nothing else", "OEM Hikvision", "Logs in with it, and with the `-sess` forms. FFmpeg cannot; camreach's decoder never logs in anywhere."),
        ours("Q37", "Several challenges, in several headers or in one", "", "Takes SHA-256 before MD5 before Basic, and skips what it does not know.", Reason.AUTH_UNSUPPORTED),
        ours("Q38", "Basic is offered and then refused", "Tapo C210", "Never takes Basic where Digest is offered, and never at all unless the login allows it."),
        noted("Q39", Quirk.SHA256_REFUSED, "SHA-256 is offered and then refused", "unnamed firmware", "Tries MD5 once where that was offered too, and begins with it from then on. Not where SHA-256 was ever taken: there the password is wrong.", Reason.AUTH_REJECTED),
        ours("Q40", "Realms with commas, brackets, blanks; `STALE=\"FALSE\"`", "", "Reads quoted text as quoted text, names without case."),
        noted("Q41", Quirk.NONCE_RENEWED, "A new nonce in the middle of a session", "Axis M5525, Hikvision recorders", "Signs that request again once; keepalives and TEARDOWN are signed too.", Reason.AUTH_REJECTED),
        ours("Q42", "`opaque` is given", "", "Returns it unchanged."),
        fails("Q43", "401, and no word of how to log in", "", "Says so.", Reason.AUTH_UNSUPPORTED),
        ours("Q44", "The signature must name the very text of the request", "", "Uses one text for both."),
        fails("Q45", "The right password is refused", "IMOU TF5", "Calls it rejected: nothing more can be known from outside.", Reason.AUTH_REJECTED),
        ours("Q46", "The account is locked after a few wrong logins", "Hikvision, Foscam", "Sends one login per look, and none for half an hour after a rejected one.", Reason.LOCKED_OUT),
        tolerated("Q47", "OPTIONS wants a login, or is refused", "", "Does not need its answer."),
    ),
)

ADDRESSES = Section(
    "The description's addresses",
    (
        noted("Q48", Quirk.CONTENT_TYPE_ABSENT, "The description does not say that it is one", "", "Reads it as one."),
        tolerated("Q49", "`application/sdp;charset=utf-8`", "", "Reads what stands before the semicolon."),
        tolerated("Q50", "No `Content-Base`", "VStarcam, Geovision, FFmpeg", "Takes `Content-Location`, else the address that was asked for."),
        noted("Q51", Quirk.CONTENT_BASE_WITHOUT_SCHEME, "A base without `rtsp://`", "Anjvision, Android apps", "Puts it before."),
        noted("Q52", Quirk.CONTENT_BASE_DOUBLED, "`rtsp://rtsp://`", "", "Drops one."),
        noted("Q53", Quirk.CONTENT_BASE_BARE_IPV6, "A base with an IPv6 address without brackets", "", "Uses it as text; the connection that stands is the address."),
        noted("Q54", Quirk.CONTENT_BASE_RELATIVE, "A base that is only a path", "", "Puts scheme and host before it."),
        ours("Q55", "The description names another host, often a private one", "Axis 241Q, Reolink, cameras behind NAT", "Says that name back, and never connects to it."),
        ours("Q56", "An address with `?channel=1` and a track name to put behind it", "Dahua and many others", "Joins them as text, as FFmpeg and live555 do."),
        ours("Q57", "The session has an address of its own", "Axis", "Uses it for PLAY and TEARDOWN."),
        tolerated("Q58", "The session has no address", "VStarcam", "Uses the one that was asked for."),
        tolerated("Q59", "The video has no address, or `*`", "", "Uses that of the session."),
        ours("Q60", "Lines of the description in an unusual order", "Reolink", "Reads all lines before it takes any."),
    ),
)
