"""What all figures share: fonts, the colour of each band, the grid of panels, and how a figure is saved."""

from __future__ import annotations

import functools
import io
import textwrap

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from PIL import Image

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "savefig.facecolor": "white",
    "svg.hashsalt": "lfpbold",
    "svg.fonttype": "none",
    "path.simplify": True,
}
DPI = 150
NOTHING = "No recording was left to analyse."
INK, GREY, PALE = "#222222", "#767676", "#d9d9d9"
# Okabe and Ito's palette, which stays apart under the common colour vision deficiencies.
NAMED = {
    "delta": "#0072B2",
    "theta": "#56B4E9",
    "alpha": "#009E73",
    "beta": "#E69F00",
    "gamma": "#D55E00",
    "infraslow": "#CC79A7",
}
FURTHER = ("#000000", "#7f7f7f", "#882255", "#117733", "#999933", "#332288")


def styled(draw):
    """Run a drawing function under the common style, whatever the user's own matplotlib settings are."""

    @functools.wraps(draw)
    def inner(*args, **kwargs):
        with matplotlib.rc_context(STYLE):
            return draw(*args, **kwargs)

    return inner


def band_colours(bands) -> dict[str, str]:
    """One colour for each configured band, the same in every figure.

    Examples
    --------
    >>> band_colours(["delta", "ripple"])
    {'delta': '#0072B2', 'ripple': '#D55E00'}
    """
    bands = list(bands)
    free = [c for c in NAMED.values() if c not in {NAMED[b] for b in bands if b in NAMED}]
    # The strongest contrast first: a single band of the user's own gets vermillion, as gamma would.
    free = sorted(free, key=lambda c: c != NAMED["gamma"]) + list(FURTHER)
    unknown = [b for b in bands if b not in NAMED]
    given = {band: free[i % len(free)] for i, band in enumerate(unknown)}
    return {band: NAMED.get(band) or given[band] for band in bands}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure (inches) that belongs to no global state."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def panels(count: int, *, width=2.9, height=2.7, columns=4, **kwargs):
    """A figure with `count` panels in rows of `columns`; returns the figure and a flat list of axes."""
    columns = min(columns, max(count, 1))
    rows = -(-max(count, 1) // columns)
    figure = new_figure(max(width * columns, 4.5), height * rows)
    axes = figure.subplots(rows, columns, squeeze=False, **kwargs).ravel()
    for spare in axes[count:]:
        spare.set_axis_off()
    return figure, list(axes[:count])


@styled
def message(title: str, text: str) -> Figure:
    """A figure that says why there is nothing to see."""
    figure = new_figure(6.5, 1.3)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.text(0.5, 0.75, title, ha="center", va="center", weight="bold", transform=axes.transAxes)
    axes.text(0.5, 0.3, text, ha="center", va="center", color=GREY, wrap=True, transform=axes.transAxes)
    return figure


def save(figure: Figure, png, svg) -> None:
    """Write a figure as PNG and as SVG, with the same bytes each time.

    A figure without images gets a palette of 256 colours: a third of the bytes, in a report that may hold hundreds.
    """
    with matplotlib.rc_context(STYLE):
        figure.savefig(svg, format="svg", dpi=DPI, metadata={"Date": None, "Creator": None})
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
    picture = Image.open(drawn).convert("RGB")
    if not figure.findobj(AxesImage):
        picture = picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        palette = picture.getpalette()
        margin = 3 * picture.getpixel((0, 0))
        palette[margin : margin + 3] = 255, 255, 255  # the paper stays white
        picture.putpalette(palette)
    picture.save(png, format="PNG", optimize=True, dpi=(DPI, DPI))


def footnote(figure: Figure, text: str) -> None:
    """A line of explanation under the panels, broken to the figure's width."""
    figure.supxlabel(textwrap.fill(text, int(figure.get_figwidth() * 13.5)), fontsize=9, color=GREY)


def zero_line(axes) -> None:
    axes.axhline(0, color=PALE, linewidth=0.8, zorder=0)


def jitter(count: int, reach: float = 0.16) -> np.ndarray:
    """Sideways offsets that keep dots apart: evenly spread, in a fixed order that does not follow the rows."""
    if count < 2:
        return np.zeros(count)
    places = np.linspace(-reach, reach, count)
    return places[np.argsort((np.arange(count) * 0.618034) % 1, kind="stable").argsort()]


def pairs(rows) -> list[tuple[str, str]]:
    """State and site of each group, in order of first occurrence."""
    return list(dict.fromkeys((row["state"], row["site"]) for row in rows))


def of_group(rows, state, site, **labels) -> list[dict]:
    """The rows of one state and site, and of further labels where given."""
    wanted = {"state": state, "site": site, **labels}
    return [row for row in rows if all(row[k] == v for k, v in wanted.items())]


def mean_by(rows, key, place: dict) -> np.ndarray:
    """Mean of r over rows for each value of a label, NaN where there is none; `place` gives the position of a value."""
    total, count = np.zeros(len(place)), np.zeros(len(place))
    for row in rows:
        at = place.get(row[key])
        if at is not None and np.isfinite(row["r"]):
            total[at] += row["r"]
            count[at] += 1
    return np.divide(total, count, out=np.full(len(place), np.nan), where=count > 0)


def number(value) -> str:
    """A correlation as people write it: `.37`, `−.05`; `n/a` where there is none.

    Examples
    --------
    >>> number(0.374), number(-0.05), number(1.0), number(float("nan")), number(0.988), number(0.9996)
    ('.37', '−.05', '1.00', 'n/a', '.988', '.9996')
    """
    if value is None or not np.isfinite(value):
        return "n/a"
    # Values close to one keep the digits in which they differ from it.
    size = abs(value)
    digits = 2 if size < 0.985 or size >= 1 else next((d for d in (3, 4) if round(size, d) < 1), 4)
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return ".00"
    return ("−" if value < 0 else "") + (text[1:] if text.startswith("0") else text)


def count(n, noun: str) -> str:
    """A number of things: `1 scan`, `7 scans`."""
    return f"{n:.0f} {noun}{'' if n == 1 else 's'}"


def percent(fraction) -> str:
    """A fraction of variance in per cent: whole numbers, one decimal below two per cent."""
    if fraction is None or not np.isfinite(fraction):
        return "n/a"
    return f"{100 * fraction:.1f} %" if abs(fraction) < 0.02 else f"{100 * fraction:.0f} %"
