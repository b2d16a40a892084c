"""Rules of the house that no other tool keeps."""

import importlib.util
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent.parent
OURS = ("agents", "api", "bench", "desk", "evals", "graphs", "prompts", "rag", "tools")


def test_no_other_package_takes_our_names():
    for name in OURS:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin == str(TOP / name / "__init__.py")


def test_the_top_level_folders_stand():
    for name in (*OURS, "webapp", "infra"):
        assert (TOP / name).is_dir()


def test_heavy_packages_are_not_imported_by_doctor():
    code = (
        "import sys, api.cli, api.commands.doctor\n"
        "heavy = {'litellm', 'langgraph', 'chromadb', 'llama_index', 'guardrails', 'web3'}\n"
        "heavy |= {'pypfopt', 'pandas', 'celery', 'fastapi', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TOP)
    assert done.stdout.strip() == "[]"


def test_every_setting_is_in_the_example_file():
    from dataclasses import fields

    from desk.settings import Settings, variable

    text = (TOP / ".env.example").read_text()
    assert [variable(f.name) for f in fields(Settings) if f"# {variable(f.name)}=" not in text] == []


def test_agents_see_the_desk_only_through_what_a_run_records():
    sources = {path.name: path.read_text() for path in (TOP / "agents").glob("*.py")}
    assert len(sources) > 10
    assert [name for name, text in sources.items() if ".desk." in text or "context.filings" in text] == []
