"""The closed words of camreach, with which every room speaks. Imports nothing of the project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class CameraKind(StrEnum):
    """Whose camera it is, which decides what may be stored of its picture."""

    STREET = "street"
    YARD = "yard"
    DOORWAY = "doorway"
    FACILITY = "facility"
    BODY = "body"
    IN_CAR = "in_car"


class Importance(StrEnum):
    NORMAL = "normal"
    HIGH = "high"


class Lifecycle(StrEnum):
    """The registry's word for a camera: what is done with it, never whether it works."""

    PLANNED = "planned"
    INSTALLED = "installed"
    IN_SERVICE = "in_service"
    SUSPENDED = "suspended"
    RETIRED = "retired"

    @property
    def is_probed(self) -> bool:
        return self in (Lifecycle.INSTALLED, Lifecycle.IN_SERVICE, Lifecycle.SUSPENDED)


class AreaKind(StrEnum):
    REGION = "region"
    CITY = "city"
    DISTRICT = "district"


class CenterKind(StrEnum):
    OPERATIONS_CENTER = "operations_center"
    MINI_CENTER = "mini_center"
    DUTY_UNIT = "duty_unit"
    PRECINCT_POINT = "precinct_point"


class Sector(StrEnum):
    """What a site is."""

    STREET = "street"
    YARD = "yard"
    DOORWAY = "doorway"
    MALL = "mall"
    ENTERTAINMENT = "entertainment"
    EDUCATION = "education"
    HEALTHCARE = "healthcare"
    TRANSPORT = "transport"
    POLICE = "police"
    CALL_POINT = "call_point"


class Hop(StrEnum):
    """Where along the way from the lens to the center a feed is taken."""

    CAMERA = "camera"
    RECORDER = "recorder"
    RELAY = "relay"
    CENTER = "center"


class Proof(StrEnum):
    """What a look at a delivery can prove, strongest first."""

    HANDED_ON = "handed_on"
    PULLED = "pulled"
    INFERRED = "inferred"


class TransportPolicy(StrEnum):
    AUTO = "auto"
    TCP = "tcp"
    UDP = "udp"


class TlsPolicy(StrEnum):
    """What is asked of the certificate of an rtsps:// feed."""

    VERIFY = "verify"
    ACCEPT_ANY = "accept_any"


class Codec(StrEnum):
    H264 = "h264"
    H265 = "h265"
    MJPEG = "mjpeg"
    MPEG4 = "mpeg4"


class Depth(StrEnum):
    """How deep one look goes."""

    LIVENESS = "liveness"
    PICTURE = "picture"
    MEASURE = "measure"


class Stage(StrEnum):
    """The timed steps of a look, in order."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    OPTIONS = "options"
    DESCRIBE = "describe"
    SETUP = "setup"
    PLAY = "play"
    FIRST_PACKET = "first_packet"
    FIRST_KEYFRAME = "first_keyframe"
    DECODE = "decode"


class Outcome(StrEnum):
    """What one look says, before any confirmation."""

    LIVE = "live"
    DEGRADED = "degraded"
    DOWN = "down"
    COULD_NOT_LOOK = "could_not_look"


class Answer(StrEnum):
    """What a picture check says. A check that could not run is never a pass."""

    OK = "ok"
    FOUND = "found"
    NOT_CHECKABLE = "not_checkable"


class FeedState(StrEnum):
    LIVE = "live"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class DeliveryState(StrEnum):
    REACHING = "reaching"
    DEGRADED = "degraded"
    NOT_REACHING = "not_reaching"
    UNKNOWN = "unknown"


class FailingAt(StrEnum):
    """The place on a delivery's path where the picture is lost."""

    CAMERA = "camera"
    LINK = "link"
    RECORDER = "recorder"
    RELAY = "relay"
    CENTER = "center"
    CAMERA_OR_LINK = "camera_or_link"
    UNKNOWN = "unknown"


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    SCRAPE = "scrape"
    DEVICE = "device"  # pushes what it is doing, and reads nothing
    CONTRACTOR = "contractor"  # the cameras it looks after, and their open outages


class ChangeSource(StrEnum):
    """The way by which somebody changed the registry."""

    API = "api"
    PAGE = "page"
    IMPORT = "import"
    UNDO = "undo"
    CLI = "cli"


class DeviceState(StrEnum):
    """What a device that pushes, such as a body camera, says it is doing."""

    DOCKED = "docked"
    CHARGING = "charging"
    UPLOADING = "uploading"
    ON_SHIFT_RECORDING = "on_shift_recording"
    ON_SHIFT_IDLE = "on_shift_idle"

    @property
    def is_on_shift(self) -> bool:
        return self in (DeviceState.ON_SHIFT_RECORDING, DeviceState.ON_SHIFT_IDLE)


class Silence(StrEnum):
    """How long nothing was heard of a device that pushes; the steps are the deployment's."""

    HEARD = "heard"
    SILENT = "silent"
    LONG_SILENT = "long_silent"
    LOST = "lost"


class ReasonClass(StrEnum):
    """What a reason says about the feed; DESIGN section 4."""

    SEEN_ABSENT = "seen_absent"
    SEEN_POOR = "seen_poor"
    COULD_NOT_LOOK = "could_not_look"

    @property
    def feed_state(self) -> FeedState:
        return _STATE_OF_CLASS[self]

    @property
    def outcome(self) -> Outcome:
        return _OUTCOME_OF_CLASS[self]


_STATE_OF_CLASS = {
    ReasonClass.SEEN_ABSENT: FeedState.DOWN,
    ReasonClass.SEEN_POOR: FeedState.DEGRADED,
    ReasonClass.COULD_NOT_LOOK: FeedState.UNKNOWN,
}
_OUTCOME_OF_CLASS = {
    ReasonClass.SEEN_ABSENT: Outcome.DOWN,
    ReasonClass.SEEN_POOR: Outcome.DEGRADED,
    ReasonClass.COULD_NOT_LOOK: Outcome.COULD_NOT_LOOK,
}


class Reason(StrEnum):
    """Why a feed is not live: one closed word."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    NOT_FOUND = "not_found"
    NO_VIDEO = "no_video"
    NO_PACKETS = "no_packets"
    BURST_ONLY = "burst_only"
    NO_KEYFRAME = "no_keyframe"
    ENDED_BY_CAMERA = "ended_by_camera"
    SIGNAL_LOST = "signal_lost"
    FILLER = "filler"
    FROZEN = "frozen"
    LOOPED = "looped"
    BLACK = "black"
    COVERED = "covered"
    WRONG_SCENE = "wrong_scene"

    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    IMPAIRED_VISIBILITY = "impaired_visibility"
    PARTLY_OBSTRUCTED = "partly_obstructed"
    MOVED = "moved"
    NOISY = "noisy"
    STRIPES = "stripes"
    COLOR_CAST = "color_cast"
    IR_CUT_FAULT = "ir_cut_fault"
    CORRUPT_PICTURE = "corrupt_picture"
    LOW_FRAME_RATE = "low_frame_rate"
    LOW_BITRATE = "low_bitrate"
    PACKET_LOSS = "packet_loss"
    WRONG_PROFILE = "wrong_profile"

    DNS = "dns"
    TLS = "tls"
    NOT_ALLOWED = "not_allowed"
    AUTH_REJECTED = "auth_rejected"
    AUTH_UNSUPPORTED = "auth_unsupported"
    LOCKED_OUT = "locked_out"
    BUSY = "busy"
    PROTOCOL = "protocol"
    UNSUPPORTED = "unsupported"
    DECODER_FAILED = "decoder_failed"
    INTERNAL = "internal"
    VANTAGE_BLIND = "vantage_blind"
    NOT_PROBED = "not_probed"

    @property
    def reason_class(self) -> ReasonClass:
        return WORDS[self].reason_class

    @property
    def rank(self) -> int:
        return WORDS[self].rank


@dataclass(frozen=True, slots=True)
class Label:
    """A word as people on duty see it."""

    en: str
    ru: str
    kk: str

    def said_in(self, language: str) -> str:
        said: str = getattr(self, language)
        return said


@dataclass(frozen=True, slots=True)
class ReasonWord:
    """One row of the table of reasons. Of several reasons the highest rank is shown."""

    reason_class: ReasonClass
    rank: int
    label: Label
    meaning: str
    usual_cause: str
    next_step: str
    onvif_topic: str | None = None


def shown_reason(reasons: Iterable[Reason]) -> Reason | None:
    """Of several reasons the one to show; None when there is none."""
    return max(reasons, key=lambda reason: reason.rank, default=None)


# Kazakh labels are the authors' rendering: unreviewed until a Kazakh speaker has signed them.
#
# Which of several is shown: what was seen absent, then what was seen poor, then what could not be
# seen. Within "absent" a break on the way comes before a bad picture, because it is newer and must
# be mended first, and the earlier on the way the higher. Among pictures, what was seen comes before
# what is inferred from it: a "no signal" card is also frozen, a constant black picture is black
# first, and a cover is a guess about why. Within "poor", what explains stands above what it
# explains: fog above blur, lost packets above a broken picture, a stuck filter above a cast.
_ABSENT = ReasonClass.SEEN_ABSENT
_POOR = ReasonClass.SEEN_POOR
_BLIND = ReasonClass.COULD_NOT_LOOK

# One row of five lines per word reads as a table; the formatter would make ten of each.
# fmt: off
WORDS: Mapping[Reason, ReasonWord] = MappingProxyType({
    Reason.UNREACHABLE: ReasonWord(_ABSENT, 390, Label("unreachable", "нет связи с устройством", "құрылғымен байланыс жоқ"),
        "The network says there is no way to this address.",
        "Power or line cut at the site, a switch or VPN down, a wrong address after a swap.",
        "Ping the site's router. If it answers, check switch port and power of the device; if not, call the line's provider."),
    Reason.REFUSED: ReasonWord(_ABSENT, 380, Label("connection refused", "подключение отклонено", "қосылуға рұқсат берілмеді"),
        "The host is there and refuses the RTSP port.",
        "RTSP switched off or moved to another port, the video service crashed, a firewall that answers with a reset.",
        "Open the device's web page: is RTSP on, and on which port? Restart the device; compare the port in the registry."),
    Reason.TIMEOUT: ReasonWord(_ABSENT, 370, Label("no answer", "не отвечает", "жауап бермейді"),
        "Nothing came back in time: no connection, or no reply to a request.",
        "Power lost, a hung camera, an overloaded line, a firewall that drops silently.",
        "Ping it. No echo: power and line. Echo: power-cycle the device and look at the load of the line."),
    Reason.CLOSED: ReasonWord(_ABSENT, 360, Label("connection closed", "соединение обрывается", "байланыс үзіледі"),
        "The device hangs up before it sends video.",
        "Too many viewers, a video service that keeps restarting, a firewall that cuts RTSP.",
        "Count the open sessions on the device, close stale ones, restart it; then look at what stands between."),
    Reason.NOT_FOUND: ReasonWord(_ABSENT, 350, Label("stream not found", "поток не найден", "ағын табылмады"),
        "The server answers and knows no stream at this path (404 or the like).",
        "A wrong path or channel number, a channel deleted on the recorder, new firmware with other paths.",
        "Open the channel in the recorder's own client, compare the path in the registry, correct it there."),
    Reason.NO_VIDEO: ReasonWord(_ABSENT, 340, Label("no video in stream", "в потоке нет видео", "ағында бейне жоқ"),
        "The stream is described, and no video is among it.",
        "The channel is set to audio or metadata only, or an encoder input is switched off.",
        "Look at the channel's encoding settings; switch its video on."),
    Reason.NO_PACKETS: ReasonWord(_ABSENT, 330, Label("no video data", "видео не идёт", "бейне келмейді"),
        "The server says it is playing and sends no video.",
        "The camera behind a recorder is gone, the encoder hangs, a relay waits for its source.",
        "Behind a recorder or relay: look at the camera itself. Else restart the camera's video service."),
    Reason.BURST_ONLY: ReasonWord(_ABSENT, 320, Label("only old frames", "только старые кадры", "тек ескі кадрлар"),
        "A burst of stored frames came and then nothing: it is not live.",
        "A relay or recorder replays its buffer while its source is lost.",
        "Look at the source of that relay or recorder; the break is upstream of it."),
    Reason.NO_KEYFRAME: ReasonWord(_ABSENT, 310, Label("no whole frame", "нет опорного кадра", "тірек кадр жоқ"),
        "Frames come, and none from which a picture can be started came in time.",
        "A very long keyframe interval (smart codec), an encoder fault.",
        "Set the keyframe interval to 2-4 s or switch the smart codec off; else raise this camera's keyframe limit."),
    Reason.ENDED_BY_CAMERA: ReasonWord(_ABSENT, 305, Label("ended by camera", "камера прервала поток", "камера ағынды тоқтатты"),
        "The video began, and the camera ended it while it was watched.",
        "A reboot, a session limit, an encoder that restarts, a duty schedule on the recorder.",
        "Read the device's log at that minute; check temperature, power supply and session limits."),
    Reason.SIGNAL_LOST: ReasonWord(_ABSENT, 299, Label("signal lost", "нет видеосигнала", "бейнесигнал жоқ"),
        "The stream carries the card that a recorder shows for a dead input.",
        "The coaxial line, the power or the camera behind an analogue recorder or encoder is gone.",
        "At the recorder: look at the input. At the camera: power, connector, cable.",
        "tns1:VideoSource/SignalLoss"),
    Reason.FILLER: ReasonWord(_ABSENT, 298, Label("filler picture", "картинка-заглушка", "бос орын суреті"),
        "A relay or recorder sends a standing card in place of the camera.",
        "Its source is off line and it keeps the viewers connected.",
        "Look at the source of that relay or recorder; the break is upstream of it."),
    Reason.BLACK: ReasonWord(_ABSENT, 297, Label("black picture", "чёрный экран", "қара экран"),
        "The picture arrives and is black all over.",
        "A covered or dead sensor, an iris stuck shut, no light at all and no infrared.",
        "Look at it by day. Black by day too: cover, sensor or iris; black only by night: light and infrared lamps.",
        "tns1:VideoSource/ImageTooDark"),
    Reason.FROZEN: ReasonWord(_ABSENT, 296, Label("frozen picture", "зависание (стоп-кадр)", "кескін қатып қалған"),
        "Data flows, and it is the same picture again and again.",
        "A hung encoder or sensor, a relay or recorder that repeats its last frame.",
        "Restart the device. If the picture freezes again, compare with the camera's own stream to find the box that repeats."),
    Reason.LOOPED: ReasonWord(_ABSENT, 295, Label("looped picture", "закольцованная запись", "қайталанатын жазба"),
        "Pictures come back exactly: a recording is played round and round.",
        "A dummy or test source left in place, a wrong channel of a recorder, or fraud.",
        "Keep the evidence, do not restart anything, tell the shift leader; then compare with the camera on site."),
    Reason.COVERED: ReasonWord(_ABSENT, 294, Label("lens covered", "объектив закрыт", "объектив жабылған"),
        "What the camera used to see is gone behind something near.",
        "Paint, a bag, a sticker, snow, a spider's web, a poster; often on purpose.",
        "Look at the last good picture and at who was near; send somebody to clean the lens.",
        "tns1:VideoSource/GlobalSceneChange"),
    Reason.WRONG_SCENE: ReasonWord(_ABSENT, 293, Label("another camera's picture", "чужая картинка", "басқа камераның суреті"),
        "The picture is that of another camera.",
        "Channels swapped on the recorder, an address given to another device, a camera moved.",
        "Compare channel numbers and addresses with the registry and put them right, on whichever side is wrong.",
        "tns1:VideoSource/GlobalSceneChange"),

    Reason.PARTLY_OBSTRUCTED: ReasonWord(_POOR, 290, Label("partly blocked", "обзор частично закрыт", "көрініс ішінара жабық"),
        "Part of the view is hidden.",
        "A grown branch, an awning, a banner, a parked lorry, dirt or snow on the glass.",
        "Compare with the reference picture; clean, trim, or move the camera.",
        "tns1:VideoSource/GlobalSceneChange"),
    Reason.MOVED: ReasonWord(_POOR, 280, Label("turned away", "камера отвёрнута", "камераның бағыты бұрылған"),
        "The camera looks somewhere else than it should.",
        "Wind, a loose bracket, work on the pole, somebody turned it, a steerable camera left off its preset.",
        "Turn it back, or if the new view is wanted, take a new reference picture.",
        "tns1:VideoSource/GlobalSceneChange"),
    Reason.TOO_DARK: ReasonWord(_POOR, 270, Label("too dark", "слишком темно", "тым қараңғы"),
        "The picture is so dark that little can be recognised.",
        "A street lamp or infrared lamp out, wrong exposure, a dirty dome.",
        "Check lamp and infrared; set exposure and night mode to automatic.",
        "tns1:VideoSource/ImageTooDark"),
    Reason.TOO_BRIGHT: ReasonWord(_POOR, 265, Label("too bright", "засветка", "шамадан тыс жарық"),
        "Much of the picture is burnt out white.",
        "Sun or a lamp in the lens, wrong exposure, infrared thrown back by a dome or a web.",
        "Turn the camera or shade it; switch wide dynamic range on; clean the dome.",
        "tns1:VideoSource/ImageTooBright"),
    Reason.PACKET_LOSS: ReasonWord(_POOR, 260, Label("packet loss", "потери пакетов", "пакеттер жоғалуда"),
        "At least 3 % of the packets are lost on the way, in two measures of ten seconds one after the other.",
        "An overloaded or bad line, a radio bridge in the rain, a duplex mismatch.",
        "Measure the line hop by hop; lower the bitrate until it is mended."),
    Reason.CORRUPT_PICTURE: ReasonWord(_POOR, 255, Label("broken picture", "картинка рассыпается", "кескін бұзылған"),
        "The picture arrives whole and shows blocks, smears or grey areas.",
        "A failing encoder or sensor, losses before the recorder, bad firmware.",
        "Restart the camera; compare its own stream with the recorder's; then exchange the hardware."),
    Reason.IMPAIRED_VISIBILITY: ReasonWord(_POOR, 250, Label("fog or smoke", "туман, дым, осадки", "тұман, түтін, жауын-шашын"),
        "The air, not the lens, takes the view.",
        "Fog, smoke, heavy snow or rain.",
        "Nothing to mend. If the neighbours see well, look for smoke, or for dirt on this dome.",
        "tns1:VideoSource/ImpairedVisibility"),
    Reason.BLURRED: ReasonWord(_POOR, 245, Label("out of focus", "расфокусировка", "бұлыңғыр"),
        "Details are lost: the picture is not sharp.",
        "Focus drifted, dirt, drops or film on the glass, a lens knocked.",
        "Clean the glass, then focus again, by night too.",
        "tns1:VideoSource/ImageTooBlurry"),
    Reason.STRIPES: ReasonWord(_POOR, 240, Label("stripes", "полосы на экране", "экрандағы жолақтар"),
        "Regular bars lie over the picture.",
        "Mains interference on a coaxial line, a bad earth, an ageing sensor.",
        "Check earthing and cable; change the power supply; then the camera."),
    Reason.NOISY: ReasonWord(_POOR, 235, Label("noisy picture", "сильные помехи", "қатты кедергілер"),
        "Snow or grain covers the details.",
        "Too little light, cable interference, an ageing sensor.",
        "By night: light and infrared. By day: cable, connectors, sensor."),
    Reason.IR_CUT_FAULT: ReasonWord(_POOR, 230, Label("night filter stuck", "залипание ИК-фильтра", "ИҚ-сүзгі тұрып қалған"),
        "The infrared filter stands in the wrong place for the time of day.",
        "The filter's drive is stuck, or its light sensor is dirty or blinded.",
        "Switch between day and night by hand a few times; if it stays stuck, exchange the camera."),
    Reason.COLOR_CAST: ReasonWord(_POOR, 225, Label("wrong colors", "искажение цветов", "түстер бұрмаланған"),
        "The picture is tinted.",
        "Wrong white balance, a dying sensor, a lamp of one color.",
        "Set white balance to automatic; compare by day; exchange the camera if it stays."),
    Reason.LOW_FRAME_RATE: ReasonWord(_POOR, 220, Label("low frame rate", "низкая частота кадров", "кадр жиілігі төмен"),
        "Fewer frames per second arrive than this feed must have.",
        "Changed settings, a slow shutter by night, an overloaded recorder or line.",
        "Compare the device's setting with the registry; limit the night shutter; look at the recorder's load."),
    Reason.LOW_BITRATE: ReasonWord(_POOR, 215, Label("low bitrate", "низкий битрейт", "битрейт төмен"),
        "Fewer bits per second arrive than this feed must have.",
        "Changed settings, a throttled line, or a scene in which nothing is visible.",
        "Compare the device's setting with the registry; look at the picture; ask the provider about limits."),
    Reason.WRONG_PROFILE: ReasonWord(_POOR, 210, Label("wrong format", "не тот профиль видео", "бейне профилі сәйкес емес"),
        "Codec or picture size is not what the registry requires.",
        "A reset to factory settings, a swapped device, the sub stream's path in place of the main one.",
        "Set codec and size on the device, or correct what the registry requires."),

    Reason.VANTAGE_BLIND: ReasonWord(_BLIND, 190, Label("prober cut off", "нет сети у сервера опроса", "сұрау серверінде желі жоқ"),
        "The prober's own network is down, so nothing is known of any camera.",
        "The prober's link, switch, gateway or name server is down.",
        "Mend the prober's network first. The cameras were not seen to fail."),
    Reason.LOCKED_OUT: ReasonWord(_BLIND, 180, Label("login locked", "вход заблокирован", "кіру бұғатталған"),
        "No login is tried now: the device locked it, or one was rejected and we wait.",
        "A wrong password used by us or by another client of that device.",
        "Correct the credential in the registry: the wait ends at once. Find who else logs in with an old password."),
    Reason.AUTH_REJECTED: ReasonWord(_BLIND, 170, Label("login rejected", "неверный логин или пароль", "логин немесе құпиясөз қате"),
        "The device refused our user name or password.",
        "The password was changed on the device, the user was deleted, a reset to factory settings.",
        "Set the right credential in the registry. One attempt is made per half hour until then."),
    Reason.AUTH_UNSUPPORTED: ReasonWord(_BLIND, 165, Label("login method not usable", "способ входа не подходит", "кіру тәсілі сәйкес емес"),
        "The device asks for a way to log in that we do not have or must not use.",
        "Only Basic is offered and the credential does not allow it in clear, or a maker's own method.",
        "Switch the device to Digest; or allow Basic on this credential if the network is trusted."),
    Reason.NOT_ALLOWED: ReasonWord(_BLIND, 160, Label("not allowed for us", "нет прав на просмотр", "қарауға рұқсат жоқ"),
        "We may not look: the device says the user has no right to it, or our own rules forbid the address.",
        "The user lacks the right to live video, an address filter on the device, or probe.allow_networks without this network.",
        "Give the user live view of that channel; or add the network to probe.allow_networks if it belongs there."),
    Reason.DNS: ReasonWord(_BLIND, 155, Label("name not resolved", "имя узла не найдено", "түйін атауы табылмады"),
        "The host's name has no address here.",
        "A wrong name, a name server that is down, a cloud tenant that is gone.",
        "Resolve the name on the prober; correct the name or the name server."),
    Reason.TLS: ReasonWord(_BLIND, 150, Label("encryption failed", "сбой шифрования (TLS)", "шифрлау қатесі (TLS)"),
        "No encrypted connection could be agreed.",
        "An expired or foreign certificate, a wrong clock in the device, ciphers too old.",
        "Look at the certificate and the device's clock; renew it, or set this camera's certificate rule."),
    Reason.BUSY: ReasonWord(_BLIND, 145, Label("device busy", "устройство занято", "құрылғы бос емес"),
        "The device says it has no session left for us.",
        "Too many viewers, sessions left open by another client, a small recorder.",
        "Close stale sessions; correct the session budget of that recorder in the registry."),
    Reason.PROTOCOL: ReasonWord(_BLIND, 140, Label("unreadable answer", "непонятный ответ", "түсініксіз жауап"),
        "The answer breaks RTSP so far that it cannot be read.",
        "Not an RTSP port, a damaged line, a firmware fault.",
        "Run camreach probe on it and keep the log; check the port; update the firmware; report the model to us."),
    Reason.UNSUPPORTED: ReasonWord(_BLIND, 135, Label("format not supported", "формат не поддерживается", "пішім қолдау таппайды"),
        "The device offers only a codec or transport that we cannot check.",
        "A rare codec, encrypted media, multicast only.",
        "Set the feed to H.264, H.265, MJPEG or MPEG-4 over RTP/RTSP."),
    Reason.DECODER_FAILED: ReasonWord(_BLIND, 130, Label("decoder failed", "кадр не декодируется", "кадр декодталмайды"),
        "A whole picture arrived and our decoder could not open it.",
        "An odd encoder, a damaged stream, or our decoder was stopped at its limits.",
        "Open the stream in another player. If that works, keep the log and report the model to us."),
    Reason.INTERNAL: ReasonWord(_BLIND, 125, Label("fault in camreach", "внутренний сбой camreach", "camreach ішкі ақауы"),
        "camreach itself failed while it looked.",
        "A programming error of ours, or the machine is out of memory or files.",
        "Read the service's log and report it to us. The camera was not seen to fail."),
    Reason.NOT_PROBED: ReasonWord(_BLIND, 110, Label("not looked at", "нет свежих данных", "жаңа деректер жоқ"),
        "There is no look recent enough to say anything.",
        "A new feed, probing switched off, the prober stopped or cannot keep up.",
        "Wait one cadence. If it stays so, the service stands still or lags (camreach_schedule_lag_seconds): tell whoever runs it."),
})
# fmt: on
