"""The works that the methods section cites, and their numbers."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

REFERENCES = {
    "tu2024": (
        (
            "Tu W, Cramer SR, Zhang N. Disparity in temporal and spatial relationships between resting-state "
            "electrophysiological and fMRI signals. eLife 2024;13:RP95680."
        ),
        "10.7554/eLife.95680",
    ),
    "tu2022": (
        (
            "Tu W, Zhang N. Neural underpinning of a respiration-associated resting-state fMRI network. eLife "
            "2022;11:e81555."
        ),
        "10.7554/eLife.81555",
    ),
    "power2012": (
        (
            "Power JD, Barnes KA, Snyder AZ, Schlaggar BL, Petersen SE. Spurious but systematic correlations in "
            "functional connectivity MRI networks arise from subject motion. NeuroImage 2012;59:2142–2154."
        ),
        "10.1016/j.neuroimage.2011.10.018",
    ),
    "avants2011": (
        (
            "Avants BB, Tustison NJ, Song G, Cook PA, Klein A, Gee JC. A reproducible evaluation of ANTs similarity "
            "metric performance in brain image registration. NeuroImage 2011;54:2033–2044."
        ),
        "10.1016/j.neuroimage.2010.09.025",
    ),
    "griffanti2014": (
        (
            "Griffanti L, Salimi-Khorshidi G, Beckmann CF, et al. ICA-based artefact removal and accelerated fMRI "
            "acquisition for improved resting state network imaging. NeuroImage 2014;95:232–247."
        ),
        "10.1016/j.neuroimage.2014.03.034",
    ),
    "logothetis2001": (
        (
            "Logothetis NK, Pauls J, Augath M, Trinath T, Oeltermann A. Neurophysiological investigation of the basis"
            " of the fMRI signal. Nature 2001;412:150–157."
        ),
        "10.1038/35084005",
    ),
    "friston1994": (
        (
            "Friston KJ, Holmes AP, Worsley KJ, Poline JP, Frith CD, Frackowiak RSJ. Statistical parametric maps in"
            " functional imaging: a general linear approach. Human Brain Mapping 1994;2:189–210."
        ),
        "10.1002/hbm.460020402",
    ),
    "friston1995": (
        (
            "Friston KJ, Holmes AP, Poline JB, Grasby PJ, Williams SCR, Frackowiak RSJ, Turner R. Analysis of fMRI"
            " time-series revisited. NeuroImage 1995;2:45–53."
        ),
        "10.1006/nimg.1995.1007",
    ),
    "worsley2002": (
        (
            "Worsley KJ, Liao CH, Aston J, Petre V, Duncan GH, Morales F, Evans AC. A general statistical analysis for"
            " fMRI data. NeuroImage 2002;15:1–15."
        ),
        "10.1006/nimg.2001.0933",
    ),
    "nichols2002": (
        (
            "Nichols TE, Holmes AP. Nonparametric permutation tests for functional neuroimaging: a primer with"
            " examples. Human Brain Mapping 2002;15:1–25."
        ),
        "10.1002/hbm.1058",
    ),
    "winkler2014": (
        (
            "Winkler AM, Ridgway GR, Webster MA, Smith SM, Nichols TE. Permutation inference for the general linear"
            " model. NeuroImage 2014;92:381–397."
        ),
        "10.1016/j.neuroimage.2014.01.060",
    ),
    "nilearn": ("Nilearn contributors. nilearn: machine learning for neuroimaging.", "10.5281/zenodo.8397156"),
    "ince2017": (
        (
            "Ince RAA, Giordano BL, Kayser C, Rousselet GA, Gross J, Schyns PG. A statistical framework for"
            " neuroimaging data analysis based on mutual information estimated via a Gaussian copula. Human Brain"
            " Mapping 2017;38:1541–1573."
        ),
        "10.1002/hbm.23471",
    ),
    "prichard1994": (
        (
            "Prichard D, Theiler J. Generating surrogate data for time series with several simultaneously "
            "measured variables. Physical Review Letters 1994;73:951–954."
        ),
        "10.1103/PhysRevLett.73.951",
    ),
    "burt2020": (
        (
            "Burt JB, Helmer M, Shinn M, Anticevic A, Murray JD. Generative modeling of brain maps with spatial "
            "autocorrelation. NeuroImage 2020;220:117038."
        ),
        "10.1016/j.neuroimage.2020.117038",
    ),
    "westfall1993": (
        (
            "Westfall PH, Young SS. Resampling-Based Multiple Testing: Examples and Methods for p-Value "
            "Adjustment. Wiley, 1993."
        ),
        None,
    ),
    "spearman1904": (
        (
            "Spearman C. The proof and measurement of association between two things. The American Journal of "
            "Psychology 1904;15:72–101."
        ),
        "10.2307/1412159",
    ),
    "nimon2008": (
        (
            "Nimon K, Lewis M, Kane R, Haynes RM. An R package to compute commonality coefficients in the "
            "multiple regression case: an introduction to the package and a practical example. Behavior Research "
            "Methods 2008;40:457–466."
        ),
        "10.3758/BRM.40.2.457",
    ),
    "niazy2005": (
        (
            "Niazy RK, Beckmann CF, Iannetti GD, Brady JM, Smith SM. Removal of FMRI environment artifacts from EEG"
            " data using optimal basis sets. NeuroImage 2005;28:720–737."
        ),
        "10.1016/j.neuroimage.2005.06.067",
    ),
    "goutte2000": (
        (
            "Goutte C, Nielsen FÅ, Hansen LK. Modeling the haemodynamic response in fMRI using smooth FIR "
            "filters. IEEE Transactions on Medical Imaging 2000;19:1188–1201."
        ),
        "10.1109/42.897811",
    ),
    "varma2006": (
        (
            "Varma S, Simon R. Bias in error estimation when using cross-validation for model selection. BMC "
            "Bioinformatics 2006;7:91."
        ),
        "10.1186/1471-2105-7-91",
    ),
    "thomson1982": (
        "Thomson DJ. Spectrum estimation and harmonic analysis. Proceedings of the IEEE 1982;70:1055–1096.",
        "10.1109/PROC.1982.12433",
    ),
    "lindquist2019": (
        (
            "Lindquist MA, Geuter S, Wager TD, Caffo BS. Modular preprocessing pipelines can reintroduce artifacts into"
            " fMRI data. Human Brain Mapping 2019;40:2358–2376."
        ),
        "10.1002/hbm.24528",
    ),
    "spm12": (
        (
            "Penny WD, Friston KJ, Ashburner JT, Kiebel SJ, Nichols TE (eds). Statistical Parametric Mapping: The "
            "Analysis of Functional Brain Images. Academic Press, 2007; function spm_hrf of SPM12."
        ),
        None,
    ),
    "bartlett1935": (
        (
            "Bartlett MS. Some aspects of the time-correlation problem in regard to tests of significance. Journal of "
            "the Royal Statistical Society 1935;98:536–543."
        ),
        "10.2307/2342284",
    ),
    "virtanen2020": (
        (
            "Virtanen P, Gommers R, Oliphant TE, et al. SciPy 1.0: fundamental algorithms for scientific computing in "
            "Python. Nature Methods 2020;17:261–272."
        ),
        "10.1038/s41592-019-0686-2",
    ),
    "harris2020": (
        "Harris CR, Millman KJ, van der Walt SJ, et al. Array programming with NumPy. Nature 2020;585:357–362.",
        "10.1038/s41586-020-2649-2",
    ),
    "molder2021": (
        "Mölder F, Jablonski KP, Letcher B, et al. Sustainable data analysis with Snakemake. F1000Research 2021;10:33.",
        "10.12688/f1000research.29032.2",
    ),
    "yule1907": (
        (
            "Yule GU. On the theory of correlation for any number of variables, treated by a new system of notation. "
            "Proceedings of the Royal Society A 1907;79:182–193."
        ),
        "10.1098/rspa.1907.0028",
    ),
    "calhoun2001": (
        (
            "Calhoun VD, Adali T, Pearlson GD, Pekar JJ. A method for making group inferences from functional MRI data "
            "using independent component analysis. Human Brain Mapping 2001;14:140–151."
        ),
        "10.1002/hbm.1048",
    ),
    "hyvarinen1999": (
        (
            "Hyvärinen A. Fast and robust fixed-point algorithms for independent component analysis. IEEE Transactions "
            "on Neural Networks 1999;10:626–634."
        ),
        "10.1109/72.761722",
    ),
    "nickerson2017": (
        (
            "Nickerson LD, Smith SM, Öngür D, Beckmann CF. Using dual regression to investigate network shape and "
            "amplitude in functional connectivity analyses. Frontiers in Neuroscience 2017;11:115."
        ),
        "10.3389/fnins.2017.00115",
    ),
    "pedregosa2011": (
        (
            "Pedregosa F, Varoquaux G, Gramfort A, et al. Scikit-learn: machine learning in Python. Journal of Machine "
            "Learning Research 2011;12:2825–2830."
        ),
        None,
    ),
    "nibabel": (
        "Brett M, Markiewicz CJ, Hanke M, et al. nibabel: access to neuroimaging file formats.",
        "10.5281/zenodo.591597",
    ),
    "hunter2007": (
        "Hunter JD. Matplotlib: a 2D graphics environment. Computing in Science & Engineering 2007;9:90–95.",
        "10.1109/MCSE.2007.55",
    ),
}


def numbered(
    paragraphs: list[tuple[str, str]], prefix: str = ""
) -> tuple[list[tuple[str, Markup]], list[tuple[str, str, str | None]]]:
    """Replace citation marks by numbered links, in order of first mention.

    Parameters
    ----------
    paragraphs : list of (title, text)
        From `sections`.
    prefix : str
        Of the anchors, where a page holds several lists.

    Returns
    -------
    paragraphs : list of (title, HTML)
        Everything else is escaped.
    references : list of (key, text, DOI or None)
    """
    keys = list(dict.fromkeys(key for _, text in paragraphs for key in re.findall(r"\[@(\w+)\]", text)))

    def linked(text: str) -> Markup:
        pieces = re.split(r"\[@(\w+)\]", text)
        html = [
            (
                escape(piece)
                if i % 2 == 0
                else Markup('<a class="cite" href="#{}ref-{}">[{}]</a>').format(prefix, piece, keys.index(piece) + 1)
            )
            for i, piece in enumerate(pieces)
        ]
        return Markup("").join(html)

    return [(title, linked(text)) for title, text in paragraphs], [(key, *REFERENCES[key]) for key in keys]
