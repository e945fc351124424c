"""The Python packages that the scripts need beside the standard library, put into a virtual environment of their own.

The environment is made once, in `.build-python` of the repository (`make clean` removes it), and the script then runs
again inside it. Where `venv` cannot work (Debian without python3-venv), `pip --target` takes its place.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIREMENTS = {"zstandard": "zstandard==0.25.0", "msgpack": "msgpack==1.2.4", "jsonschema": "jsonschema==4.26.0"}
_MARK = "QUETZ_SCRIPT_ENVIRONMENT"


def enter(requirements: dict[str, str] = REQUIREMENTS, home: str = ".build-python") -> None:
    """Goes on only where all requirements can be imported; otherwise makes the environment and runs the script anew.

    Scripts with requirements of their own (module to `pip` requirement) name a home of their own below the repository.
    """
    missing = [name for name in requirements if importlib.util.find_spec(name) is None]
    if not missing:
        return
    if os.environ.get(_MARK):
        sys.exit(f"the Python environment lacks {', '.join(missing)}; remove {REPOSITORY / home} and try again")
    python, variables = _make(REPOSITORY / home, requirements)
    environment = {**os.environ, **variables, _MARK: "1"}
    os.execve(python, [python, os.path.abspath(sys.argv[0]), *sys.argv[1:]], environment)


def _make(home: Path, requirements: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The interpreter to run, and the variables it needs."""
    ready = home / ".ready"
    wanted = " ".join(sorted(requirements.values()))
    python = home / "bin" / "python"
    if not ready.exists() or ready.read_text() != wanted:
        print(f"making {home} with {wanted}", file=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(home)], capture_output=True).returncode == 0
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if made:
            subprocess.run([str(python), *install, *requirements.values()], check=True)
        else:
            shutil.rmtree(home, ignore_errors=True)
            subprocess.run([sys.executable, *install, "--target", str(home / "site"), *requirements.values()], check=True)
        ready.write_text(wanted)
    if python.exists():
        return str(python), {}
    return sys.executable, {"PYTHONPATH": str(home / "site")}
