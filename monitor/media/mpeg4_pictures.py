"""RTP payloads of MPEG-4 part 2 video (RFC 6416) to pictures and keyframes. Decodes nothing."""

from __future__ import annotations

from monitor.media.identity import digest
from monitor.media.mpeg4 import (
    START_CODE,
    VOP,
    Configuration,
    configuration_in,
    is_intra,
    vop_identity,
)
from monitor.media.parameter_sets import MAX_SET_BYTES, Shape
from monitor.media.pictures import Pictures


class Mpeg4Pictures(Pictures):
    """Depacketiser and assembly in one: the unit being received is a VOP."""

    def __init__(self) -> None:
        super().__init__(Shape())
        self.unsupported: str | None = None
        self._configuration: Configuration | None = None
        self._in_band = False
        self._headers = b""  # what came before a VOP whose packet has not come yet

    def describe(self, data: bytes) -> bool:
        """Take the configuration of the description; False when it is not usable (Q76)."""
        configuration = configuration_in(data[:MAX_SET_BYTES])
        if configuration is not None:
            self._configure(configuration)
        return configuration is not None

    def _lost(self, rtp_time: int) -> None:
        self._headers = b""
        super()._lost(rtp_time)

    def payload(
        self, view: memoryview, rtp_time: int, marker: bool, gap: bool, arrived: float
    ) -> None:
        """One packet's payload, not empty."""
        self.packet(rtp_time, marker, gap, arrived)
        if self._headers:
            view = memoryview(self._headers + bytes(view))
            self._headers = b""
        if view[: len(VOP)] == VOP:
            self._begin(view)
        elif view[: len(START_CODE)] == START_CODE:
            self._headed(bytes(view))
        else:
            self._go_on(view)

    def _headed(self, data: bytes) -> None:
        """Configuration, group or user data; then the VOP, here or in the next packet."""
        at = data.find(VOP)
        if at < 0:
            self._headers = data if len(data) <= MAX_SET_BYTES else b""
            return
        configuration = configuration_in(data[: min(at, MAX_SET_BYTES)])
        if configuration is not None:
            self._reconfigure(configuration)
        self._begin(memoryview(data)[at:])

    def _reconfigure(self, configuration: Configuration) -> None:
        """In band: it overrules the description, and a change is noted (Q124)."""
        known = self._configuration
        if self._in_band and known is not None and known.layer != configuration.layer:
            self.shape.changed = True
        self._in_band = True
        self._configure(configuration)

    def _configure(self, configuration: Configuration) -> None:
        self._configuration = configuration
        if configuration.layer is None:
            self.shape.size_unreadable = True  # Q123
        else:
            self.shape.size = configuration.layer.size

    def _begin(self, vop: memoryview) -> None:
        if self._packet_time != self._time:
            self._next_picture()
            if is_intra(vop):
                self._open_unit()
        self._coded_data()
        self._append(vop)

    def _go_on(self, body: memoryview) -> None:
        if self._packet_time != self._time:
            self._next_picture()  # its beginning never came
        self._coded_data()
        self._append(body)

    def _missing(self, _unit: bytearray) -> str | None:
        return "no configuration came" if self._configuration is None else None

    def _decodable(self, unit: bytearray) -> bytes:
        if self._configuration is None:
            raise LookupError("no configuration: the picture is not whole")
        return self._configuration.data + unit

    def _hash(self, unit: bytearray) -> str:
        layer = self._configuration.layer if self._configuration is not None else None
        return digest(vop_identity(bytes(unit), layer))
