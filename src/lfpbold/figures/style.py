"""What all figures share: fonts, the colour of each band, the grid of panels, and how a figure is saved."""

from __future__ import annotations

import functools
import re
import textwrap

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .captions import caption_of

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
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "lfpbold",
    "svg.fonttype": "none",
    "path.simplify": True,
}
DPI = 150
NOTHING = "No recording remained to analyse."
NO_SURROGATES = "No surrogates were made (`nulls.surrogates` is 0), or the recordings are too few or too short."
INK, GREY, PALE = "#222222", "#767676", "#d9d9d9"
DIVERGING, SEQUENTIAL = "RdBu_r", "viridis"
FEW_DOTS = 400  # in one panel; fewer are drawn over the bars of means, which would hide them
MANY_DOTS = 500  # in one panel; more are drawn as an image in vector files
LINES = ("-", (0, (5, 1.5)), (0, (1.2, 1)), (0, (4, 1, 1, 1)), (0, (2.5, 1)), (0, (7, 1.5, 1, 1.5, 1, 1.5)))
# Okabe and Ito's palette, which stays apart under the common colour vision deficiencies.
NAMED = {
    "delta": "#0072B2",
    "theta": "#56B4E9",
    "alpha": "#009E73",
    "beta": "#E69F00",
    "gamma": "#D55E00",
    "infraslow": "#CC79A7",
    "multiunit": "#000000",
}
FURTHER = ("#7f7f7f", "#882255", "#117733", "#999933", "#332288")


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


def panels(count: int, *, width=2.9, height=2.7, **kwargs):
    """A figure with `count` panels, in rows of four at most that are filled evenly; returns it and a list of axes."""
    rows = -(-max(count, 1) // 4)
    columns = -(-max(count, 1) // rows)
    figure = new_figure(max(width * columns, 4.5), height * rows)
    axes = figure.subplots(rows, columns, squeeze=False, **kwargs).ravel()
    for spare in axes[count:]:
        spare.set_axis_off()
    for lowest in axes[max(0, count - columns) : count]:  # also those that have a spare panel below
        lowest.tick_params(labelbottom=True)
    return figure, list(axes[:count])


@styled
def message_figure(title: str, text: str) -> Figure:
    """A figure that says why there is nothing to show."""
    figure = new_figure(6.5, 1.3)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.text(0.5, 0.75, title, ha="center", va="center", weight="bold", transform=axes.transAxes)
    figure.only_words = True
    axes.text(0.5, 0.3, text, ha="center", va="center", color=GREY, wrap=True, transform=axes.transAxes)
    return figure


def save_all(figures: dict, output, **facts) -> dict[str, str]:
    """Save figures as `NAME_png` and `NAME_svg` of a rule's outputs, each with its caption; return the captions."""
    captions = {name: caption_of(figure, name, **facts) for name, figure in figures.items()}
    for name, figure in figures.items():
        save(figure, *(getattr(output, f"{name}_{form}") for form in ("png", "svg")), caption=captions[name])
    return captions


def save(figure: Figure, png, svg, caption: str = "") -> None:
    """Write a figure as PNG and as SVG, with the same bytes each time; both files carry the caption.

    A figure without images gets a palette of 256 colours: a third of the bytes, in a report that may hold hundreds.
    """
    described = {"Title": first_sentence(caption), "Description": caption} if caption else {}
    with matplotlib.rc_context(STYLE):
        figure.set_dpi(DPI)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        # Panels are arranged once; the vector file takes over their places.
        figure.set_layout_engine("none")
        figure.savefig(svg, format="svg", dpi=DPI, metadata={"Date": None, "Creator": None, **described})
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    with_images = bool(figure.findobj(AxesImage))
    if not with_images:
        picture = picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        palette = picture.getpalette()
        margin = 3 * picture.getpixel((0, 0))
        palette[margin : margin + 3] = 255, 255, 255  # the paper stays white
        picture.putpalette(palette)
    texts = PngInfo()
    for key, text in described.items():
        texts.add_itxt(key, text)
    picture.save(png, format="PNG", dpi=(DPI, DPI), pnginfo=texts)


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence.

    Examples
    --------
    >>> first_sentence("Maps of M1. Colour: r.")
    'Maps of M1.'
    """
    return re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]


def with_title(figure: Figure, title: str) -> Figure:
    """Put the title of a whole figure at its upper left."""
    figure.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=9.5)
    return figure


def footnote(figure: Figure, text: str) -> None:
    """A line of explanation under the panels, broken to the figure's width."""
    figure.supxlabel(wrap_text(text, figure.get_figwidth() - 0.3, 15), fontsize=9, color=GREY)


def wrap_text(text: str, inches: float, letters_per_inch: float = 13) -> str:
    """Text broken into lines that fit a width, by default a panel's title."""
    width = max(10, int(inches * letters_per_inch))
    return "\n".join(textwrap.fill(line, width) for line in text.split("\n"))


def zero_line(axes) -> None:
    axes.axhline(0, color=PALE, linewidth=0.8, zorder=0)


def jitter(count: int, half_width: float = 0.16) -> np.ndarray:
    """Sideways offsets that keep dots apart: evenly spaced, in a fixed order that does not follow the rows."""
    if count < 2:
        return np.zeros(count)
    places = np.linspace(-half_width, half_width, count)
    return places[np.argsort((np.arange(count) * 0.618034) % 1, kind="stable").argsort()]


def is_one_hz(name: str) -> bool:
    """Whether a band of the tables is a 1-Hz bin.

    Examples
    --------
    >>> is_one_hz("f007"), is_one_hz("infraslow"), is_one_hz("f7")
    (True, False, False)
    """
    return re.fullmatch(r"f\d{3}", name) is not None


def bands_present(names, *tables) -> list[str]:
    """The bands, in order, of which at least one table has a row."""
    bands = {row["band"] for rows in tables for row in rows}
    return [name for name in names if name in bands]


def band_lines(names) -> dict:
    """A line style for each band, so that lines can be distinguished without colour."""
    return {name: LINES[i % len(LINES)] for i, name in enumerate(names)}


def mean_bars(panel, places, values, half_width: float = 0.25, zorder: float = 5) -> None:
    """Thick bars at means, with a white rim that keeps them visible among dark dots."""
    bars = [[(x - half_width, y), (x + half_width, y)] for x, y in zip(places, values, strict=True) if np.isfinite(y)]
    for colour, width, above in (("white", 3.2, 0), (INK, 2.0, 0.1)):
        panel.add_collection(LineCollection(bars, colors=colour, linewidths=width, zorder=zorder + above))


def mean_of(values) -> float:
    """Mean of what is there; NaN below two values, where a bar would only hide the dot."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size > 1 else float("nan")
