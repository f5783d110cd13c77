"""GStreamer's RTSP server with a factory per codec; run by the system's Python, prints its port."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

USER, PASSWORD = "viewer", "s3cret/word"
PICTURES = (
    "videotestsrc is-live=true pattern=smpte horizontal-speed=3 ! "
    "video/x-raw,format=I420,width=640,height=360,framerate=25/1 ! "
)
# avenc_mpeg4 gives no times to what it codes: MPEG-4 comes from a file that was coded before.
RECORDED = "filesrc location={recording} ! matroskademux ! "
FACTORIES = {
    "/h264": (
        PICTURES,
        "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25",
        "rtph264pay config-interval=-1 pt=96",
    ),
    "/h265": (
        PICTURES,
        "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=25 option-string=pools=1",
        "rtph265pay config-interval=-1 pt=96",
    ),
    "/mjpeg": (PICTURES, "jpegenc quality=80", "rtpjpegpay pt=26"),  # the static type of RFC 3551
    "/mpeg4": (RECORDED, "mpeg4videoparse", "rtpmp4vpay config-interval=1 pt=96"),
    "/mpeg4-described": (RECORDED, "mpeg4videoparse", "rtpmp4vpay pt=96"),
}
FACTORIES["/udp"] = FACTORIES["/h264"]
UDP_ONLY = {"/udp"}


def token() -> GstRtspServer.RTSPToken:
    made = GstRtspServer.RTSPToken()
    made.set_string("media.factory.role", "user")
    return made


def auth(kind: str) -> GstRtspServer.RTSPAuth:
    made = GstRtspServer.RTSPAuth()
    if kind == "basic":
        made.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        made.add_basic(GstRtspServer.RTSPAuth.make_basic(USER, PASSWORD), token())
    else:
        made.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        made.add_digest(USER, PASSWORD, token())
    return made


def main(kind: str, recording: str, *certificate: str) -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    if kind != "open":
        asking = auth(kind)
        if certificate:
            asking.set_tls_certificate(Gio.TlsCertificate.new_from_file(*certificate))
        server.set_auth(asking)
    mounts = server.get_mount_points()
    for path, (source, encoder, payloader) in FACTORIES.items():
        factory = GstRtspServer.RTSPMediaFactory()
        if path in UDP_ONLY:
            factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
        factory.set_launch(
            f"( {source} {encoder} ! {payloader} name=pay0 )".format(recording=recording)
        )
        factory.set_shared(True)
        if kind != "open":
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role("user", "media.factory.access", True)
            permissions.add_permission_for_role("user", "media.factory.construct", True)
            factory.set_permissions(permissions)
        mounts.add_factory(path, factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main(*sys.argv[1:])
