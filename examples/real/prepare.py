"""Lay out the real recording for the workflow: `prepare.py RECORDING.mat FOLDER` writes the sheet and the config."""

import shutil
import sys
from pathlib import Path

recording, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
if not recording.is_file():
    sys.exit(f"Error: there is no {recording}; fetch it from compneuro-da/rsHRF and give DATA=… to make")
folder.mkdir(parents=True, exist_ok=True)
shutil.copy(Path(__file__).with_name("config.yaml"), folder / "config.yaml")
rows = [
    ("sub", "ses", "run", "state", "site", "bold", "lfp"),
    ("01", "01", "1", "anaesthetised", "cortex", recording, recording),
]
(folder / "recordings.tsv").write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
