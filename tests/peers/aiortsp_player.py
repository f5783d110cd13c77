"""aiortsp as a player: `python -m tests.peers.aiortsp_player URL...` prints what it sees of each.

A process of its own: what it leaves running must not end in somebody else's loop.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys

from aiortsp.rtsp.reader import RTSPReader

WITHIN_S = 8.0
PACKETS = 80  # more than the two pictures with which some streams end


async def seen(url: str) -> dict[str, object]:
    reader = RTSPReader(url, timeout=2, log_level=logging.CRITICAL)
    taken = 0
    codec = None
    try:
        async with asyncio.timeout(WITHIN_S), reader:
            async for _ in reader.iter_packets():
                codec = codec or coded(reader)
                taken += 1
                if taken == PACKETS:
                    break
    except (TimeoutError, asyncio.CancelledError):
        pass
    return {"plays": taken == PACKETS, "codec": codec}


def coded(reader: RTSPReader) -> str | None:
    if reader.session is None:
        return None
    rtpmap = reader.session.sdp.get_media("video")["attributes"].get("rtpmap")
    return str(rtpmap["encoding"]) if rtpmap else None


async def main() -> None:
    urls = sys.argv[1:]
    logging.disable()
    found = await asyncio.gather(*map(seen, urls))
    print(json.dumps(dict(zip(urls, found, strict=True))))


if __name__ == "__main__":
    asyncio.run(main())
