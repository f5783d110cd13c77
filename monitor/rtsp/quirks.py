"""The oddities that are noted (verdict N of the catalogue) and never change what is said of a
feed.
"""

from __future__ import annotations

from enum import StrEnum


class Quirk(StrEnum):
    GARBAGE_SKIPPED = "garbage_skipped"  # Q02
    SERVER_REQUEST = "server_request"  # Q08
    CLOSED_AFTER_CHALLENGE = "closed_after_challenge"  # Q09
    REDIRECTED = "redirected"  # Q12
    WRONG_CSEQ = "wrong_cseq"  # Q29
    OLD_TLS = "old_tls"  # Q13
    SHA256_REFUSED = "sha256_refused"  # Q39
    NONCE_RENEWED = "nonce_renewed"  # Q41
    CONTENT_TYPE_ABSENT = "content_type_absent"  # Q48
    CONTENT_BASE_WITHOUT_SCHEME = "content_base_without_scheme"  # Q51
    CONTENT_BASE_DOUBLED = "content_base_doubled"  # Q52
    CONTENT_BASE_BARE_IPV6 = "content_base_bare_ipv6"  # Q53
    CONTENT_BASE_RELATIVE = "content_base_relative"  # Q54
    CONTENT_BASE_UNUSABLE = "content_base_unusable"
    FMTP_UNDER_OTHER_MEDIA = "fmtp_under_other_media"  # Q71
    SPROP_UNUSABLE = "sprop_unusable"  # Q76
    UDP_ONLY = "udp_only"  # Q78
    TRANSPORT_WITHOUT_TCP = "transport_without_tcp"  # Q80
    SSRC_DIFFERS = "ssrc_differs"  # Q83
    SESSION_ID_CHANGED = "session_id_changed"  # Q85
    DATA_BEFORE_PLAY = "stale_live555_session"  # Q93, Q113
    FOREIGN_SSRC = "foreign_ssrc"  # Q95
    STREAM_RESET = "stream_reset"  # Q96
    KEEPALIVE_FALLBACK = "keepalive_fallback"  # Q106
    SIZE_UNKNOWN = "size_unknown"  # Q123
    PARAMETERS_CHANGED = "parameters_changed"  # Q124
    OLD_LIVE555 = "old_live555"  # Q111
    TEARDOWN_UNANSWERED = "teardown_unanswered"  # Q115, Q116
    NO_RANDOM_ACCESS_POINT = "no_random_access_point"  # Q140
    ON_DEMAND = "on_demand"  # section 14: a relay that fetches the picture only when asked
    CONTROL_HOST_REPLACED = "control_host_replaced"  # section 14
    UNREADABLE_FIELD = "unreadable_field"  # section 14
