"""What this workflow writes, with the file that GitHub names in GITHUB_STEP_SUMMARY."""

import os
import subprocess
import sys
from pathlib import Path

os.environ["GITHUB_STEP_SUMMARY"] = "summary.md"
reports = ["markdown-append", "github", "html:gradcheck.html"]
options = [f"--gradcheck-report={report}" for report in reports]
command = [sys.executable, "-m", "pytest", *options, "test_network.py"]
done = subprocess.run(command, capture_output=True, text=True, check=False)
print(*[line.split("%0A")[0] for line in done.stdout.splitlines() if line.startswith("::")], sep="\n")
print(*Path("summary.md").read_text(encoding="utf-8").splitlines()[:7], sep="\n")
