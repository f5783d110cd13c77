"""The codecs that can be read, by the name an rtpmap gives them. Holds no behaviour of its own."""

from __future__ import annotations

from monitor.media import h264, h264_slice, h265
from monitor.media.coding import Coding, Kind

CODINGS = {
    "H264": Coding(
        header_bytes=1,
        kinds=tuple(h264.KINDS.get(number, Kind.OTHER) for number in range(32)),
        is_first_slice=h264.is_first_slice,
        is_intra_slice=h264.is_intra_slice,
        has_recovery_point=h264.has_recovery_point,
        slice_identity=h264_slice.slice_identity,
        new_parameter_sets=h264.parameter_sets,
    ),
    "H265": Coding(
        header_bytes=2,
        kinds=tuple(h265.KINDS.get(number, Kind.OTHER) for number in range(64)),
        is_first_slice=h265.is_first_slice,
        is_intra_slice=h265.is_intra_slice,
        has_recovery_point=h265.has_recovery_point,
        slice_identity=h265.slice_identity,
        new_parameter_sets=h265.parameter_sets,
    ),
}
