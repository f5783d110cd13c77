"""Writes the pages of docs/ that are made from the code; it adds headings, never facts of its own.

`python -m docs.generate` writes the pages, `python -m docs.generate --check` fails on a stale one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.access import access_page
from docs.bounds import bounds_page
from registry.sample.figures import FIGURES, Figure
from registry.vocabulary import WORDS, Reason, ReasonClass, ReasonWord
from tests.peers.differences import DIFFERENCES, Difference
from tests.quirks.catalogue import SECTIONS, Row, Section, Verdict

DOCS = Path(__file__).parent

CLASS_HEADINGS = {
    ReasonClass.SEEN_ABSENT: (
        "Seen absent: the feed is down",
        "We looked, and there was no live picture.",
    ),
    ReasonClass.SEEN_POOR: (
        "Seen poor: the feed is degraded",
        "We looked: the picture is live, and worse than it must be.",
    ),
    ReasonClass.COULD_NOT_LOOK: (
        "Could not look: the feed is unknown",
        "Nothing was proven either way. This time counts as not measured, "
        "and mending it is the work of those who run camreach.",
    ),
}

REASONS_INTRO = """\
# Reasons

<!-- Made from registry/vocabulary.py by `python -m docs.generate`. Do not edit. -->

A feed that is not live carries one of these closed words: on the page, in the API, in
`camreach probe --json` and in the label `reason` of `camreach_feed_reason`. When several apply, the
highest in this page is shown. Kazakh labels await a native speaker's review.
"""


def reasons_page() -> str:
    return "\n".join([REASONS_INTRO, *(_class_section(each) for each in ReasonClass)])


def _class_section(reason_class: ReasonClass) -> str:
    heading, says = CLASS_HEADINGS[reason_class]
    words = [(reason, word) for reason, word in WORDS.items() if word.reason_class is reason_class]
    words.sort(key=lambda row: row[1].rank, reverse=True)
    return "\n".join([f"## {heading}\n", f"{says}\n", *(_reason_entry(*row) for row in words)])


def _reason_entry(reason: Reason, word: ReasonWord) -> str:
    lines = [
        f"### `{reason}`",
        "",
        f"{word.label.en} · {word.label.ru} · {word.label.kk}",
        "",
        f"- **Meaning**: {word.meaning}",
        f"- **Usual cause**: {word.usual_cause}",
        f"- **Next step**: {word.next_step}",
    ]
    if word.onvif_topic is not None:
        lines.append(f"- **ONVIF topic**: `{word.onvif_topic}`")
    return "\n".join([*lines, ""])


TOLERATES_INTRO = """\
# What camreach tolerates

<!-- Made from tests/quirks/catalogue by `python -m docs.generate`. Do not edit. -->

For whoever stands before a camera that does something odd. camreach asks one thing of it: does a
picture arrive, and is it fresh? Nothing else makes a feed look worse than it is. So most of what is
listed here is **taken as it is**, and a feed stays live with it. Some of it is also **noted**: the
word stands on the camera's page, in the API, and in `camreach probe` behind "noted"; it never
changes the state of the feed. Only what keeps a picture away is **told as a reason**
([what each reason means](reasons.md)). What is **kept by us** is how camreach behaves, because some
camera needs it so.

The numbers are those of the tests: `pytest tests/quirks -k Q56` shows that line 56 holds.
The cameras named are those where it was seen, not all that do it.
"""

TABLE_HEAD = """\
| | what you see | seen at | what camreach does | noted as | fails as |
|---|---|---|---|---|---|"""


def tolerates_page() -> str:
    return "\n".join([TOLERATES_INTRO, *map(_tolerates_section, SECTIONS)])


def _tolerates_section(section: Section) -> str:
    rows = "\n".join(map(_tolerates_row, section.rows))
    return f"## {section.heading}\n\n{TABLE_HEAD}\n{rows}\n"


def _tolerates_row(row: Row) -> str:
    does = f"Not applicable. {row.does}" if row.verdict is Verdict.NOT_APPLICABLE else row.does
    noted = f"`{row.quirk}`" if row.quirk is not None else ""
    reasons = ", ".join(f"[`{reason}`](reasons.md#{reason})" for reason in row.reasons)
    cells = (row.number, row.seen, row.cameras, does, noted, reasons)
    return "| " + " | ".join(cells) + " |"


DIFFERENTIAL_INTRO = """\
# camreach beside other players

<!-- Made from tests/peers/differences.py by `python -m docs.generate`. Do not edit. -->

camreach, FFmpeg (`ffprobe`, which decodes) and aiortsp (which counts packets) look at the same
streams: every behaviour of the simulator that one look can tell, GStreamer's RTSP server with
H.264, H.265, MJPEG and MPEG-4, VLC's with H.264 over UDP. Compared is whether the stream plays, its
codec and its size.

The three agree but for the rows below. `tests/peers/test_differential.py` fails when they disagree
anywhere else, and also when one of these differences is no longer seen.

| stream | camreach says | player | says | why |
|---|---|---|---|---|
"""


def differential_page() -> str:
    return DIFFERENTIAL_INTRO + "".join(map(_difference_row, DIFFERENCES))


def _difference_row(row: Difference) -> str:
    return f"| {row.stream} | {row.camreach} | {row.player} | {row.says} | {row.why} |\n"


FIGURES_INTRO = """\
# Figures

<!-- Made from registry/sample/figures.py by `python -m docs.generate`. Do not edit. -->

What a region publishes about its video surveillance, and the question to the API that gives each
figure with its unit: a camera is no system, a recorder is no camera, and what is stored is not
displayed. `camreach sample` makes the inventory of an invented region with exactly these figures;
`tests/integration/api/test_figures.py` imports it and asks every question, on both databases.

Ask with a token of the role viewer or above: `GET /api/v1/stats?...`. A row is picked out of
`items` by its keys; where none is named it is the whole answer.

| said of the region | question: `/api/v1/stats?` | row | gives |
|---|---|---|---|
"""


def figures_page() -> str:
    rows = (_figure_row(figure) for figure in FIGURES)
    return FIGURES_INTRO + "".join(f"{row}\n" for row in rows)


def _figure_row(figure: Figure) -> str:
    counts = ", ".join(f"{name} {number:,}" for name, number in figure.counts.items())
    said = f"{figure.statement} ({figure.note})" if figure.note else figure.statement
    row = f"`{', '.join(figure.keys)}`" if figure.keys else "the whole"
    return f"| {said} | `{figure.query}` | {row} | {counts} |"


PAGES: Mapping[str, Callable[[], str]] = {
    "differential.md": differential_page,
    "figures.md": figures_page,
    "reasons.md": reasons_page,
    "api-access.md": access_page,
    "tolerates.md": tolerates_page,
    "bounds.md": bounds_page,
}


def stale_pages() -> list[str]:
    return [name for name, page in PAGES.items() if _written(name) != page()]


def _written(name: str) -> str | None:
    path = DOCS / name
    return path.read_text(encoding="utf-8") if path.exists() else None


def main() -> int:
    parser = argparse.ArgumentParser(description="write the generated pages of docs/")
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    if parser.parse_args().check:
        stale = stale_pages()
        if stale:
            sys.stderr.write(f"stale: {', '.join(stale)}; run python -m docs.generate\n")
        return 1 if stale else 0
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
