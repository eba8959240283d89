"""What clients were told, written down call by call, to be compared with the database later."""

import statistics
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from conversion.models import Conversion
from leads.models import Lead, StatusKind

PERCENTILE = 0.95


@dataclass
class Books:
    """Shared by all clients."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    # Receipts by lead: everything that any client was told.
    told: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    replays: int = 0
    violations: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, act: str, seconds: float, answer: str) -> None:
        with self.lock:
            self.seconds[act].append(seconds)
            self.answers[act][answer] += 1

    def note_receipt(self, lead: int, receipt: int, *, replayed: bool) -> None:
        with self.lock:
            self.told[lead].add(receipt)
            self.replays += replayed

    def object(self, violation: str) -> None:
        """Something that must never happen has happened."""
        with self.lock:
            self.violations.append(violation)

    def reconcile(self, expected: int) -> None:
        """Compare what clients were told with what is in the database."""
        kept = dict(Conversion.objects.values_list("lead_id", "pk"))
        for lead in sorted(self.told.keys() | kept.keys()):
            if self.told.get(lead) != {kept.get(lead)}:
                self.object(f"lead {lead}: told of {self.told.get(lead)}, kept is {kept.get(lead)}")
        converted = Lead.objects.filter(status_kind=StatusKind.CONVERTED).count()
        if not converted == len(kept) == expected:
            self.object(
                f"{converted} leads converted, {len(kept)} receipts, {expected} were expected"
            )

    def table(self) -> str:
        """Each kind of call: how many, how long, and which answers."""
        lines = [f"{'call':<16}{'calls':>8}{'median ms':>11}{'p95 ms':>9}  answers"]
        for act, seconds in self.seconds.items():
            ordered = sorted(seconds)
            median, p95 = statistics.median(ordered), ordered[int(len(ordered) * PERCENTILE)]
            answers = ", ".join(f"{n} {code}" for code, n in self.answers[act].most_common())
            lines.append(
                f"{act:<16}{len(ordered):>8}{median * 1000:>11.1f}{p95 * 1000:>9.1f}  {answers}"
            )
        return "\n".join(lines)
