"""Templates, captions and references are part of the code: a change of one makes the rules that read it run again."""

from lfpbold.workflow import plan


def test_the_digest_of_a_module_holds_the_data_files_of_its_package(tmp_path, monkeypatch):
    contents = {"__init__.py": "", "workflow/plan.py": "", "report/__init__.py": "", "study/__init__.py": ""}
    contents |= {"report/page.py": "from . import citations\n", "report/citations.py": ""}
    data = {"report/templates/methods/lfp.j2": "a", "report/references.json": "a", "study/schema.yaml": "a"}
    for name, text in (contents | data).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(plan, "__file__", str(tmp_path / "workflow" / "plan.py"))
    digest = plan.code_digest.__wrapped__
    for name in data:
        before = digest("report.page")
        (tmp_path / name).write_text("b")
        assert (digest("report.page") != before) == name.startswith("report/")
