"""Measures, by `make bench`: one JSON object a line on standard output, and the same lines in bench.jsonl.

Every other file of this folder is one bench. It defines `lines() -> Iterator[dict]`, pytest-free; each line says at least
`bench` (the file), `what`, and numbers with the unit in their name (`ms`, `fps`, `ratio`). Each bench runs in a process of
its own, one after the other, so that what one imports does not speed up or slow down the next. Machines differ and are
shared: compare numbers of one run, best as the ratios that the benches print themselves.

    python tests/bench/run.py            all
    python tests/bench/run.py start      only tests/bench/start.py
A bench that fails is a line with `error`, and the exit status is 1.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent


def benches(chosen: list[str]) -> list[Path]:
    """The bench files, all or the chosen ones, in order of name."""
    found = [path for path in sorted(FOLDER.glob("*.py")) if path.name not in {"run.py", "__init__.py"}]
    unknown = set(chosen) - {path.stem for path in found}
    if unknown:
        raise SystemExit(f"no bench is called {', '.join(sorted(unknown))}")
    return [path for path in found if not chosen or path.stem in chosen]


def measure(path: Path) -> None:
    """Run one bench here and print its lines."""
    sys.path.insert(0, str(FOLDER))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    for line in module.lines():
        print(json.dumps({"bench": path.stem, **line}), flush=True)


def main(arguments: list[str]) -> int:
    """Run the benches one by one, each in a child."""
    if arguments[:1] == ["--here"]:
        measure(Path(arguments[1]))
        return 0
    failed = 0
    with open(ROOT / "bench.jsonl", "w", encoding="utf-8") as kept:

        def tell(line: str) -> None:
            print(line, flush=True)
            kept.write(line + "\n")

        for path in benches(arguments):
            command = [sys.executable, str(FOLDER / "run.py"), "--here", str(path)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
                said, complaint = child.communicate()
            for line in said.splitlines():
                if line.startswith("{"):
                    tell(line)
            if child.returncode:
                failed = 1
                words = complaint.strip().splitlines() or [f"exit status {child.returncode}"]
                tell(json.dumps({"bench": path.stem, "error": words[-1]}))
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
