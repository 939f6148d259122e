"""One incident out of many reports.

    Reports ── organisations ──► who is who ── cluster ──► which reports are one incident
            ── identity ──► its IRI ── values ──► its claims, the disputed ones marked ──► Fusion

Pure, deterministic, and the same for every order of the reports.
"""

from codegrey.fusion.fuse import fuse
from codegrey.fusion.rules import Choice, Rules, fusion_rules, load_rules

__all__ = ["Choice", "Rules", "fuse", "fusion_rules", "load_rules"]
