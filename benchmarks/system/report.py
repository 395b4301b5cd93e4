"""Rows of medians and ratios, as text for people, JSON for programs, and a plot."""

import dataclasses
import json
import pathlib
import statistics
import subprocess


@dataclasses.dataclass
class Row:
    """One workload: the rates of all servers, run by run."""

    setup: str
    name: str
    unit: str
    rates: dict
    cpu: dict
    gate: float | None = None
    gate_rate: float | None = None
    peer: str | None = None
    peer_rate: float | None = None
    original: float | None = None
    percentiles: dict | None = None

    def median(self, server="sheep"):
        return statistics.median(self.rates[server])

    def spread(self, server="sheep"):
        """How far the runs are apart, as a part of the median."""
        values = self.rates[server]
        return (max(values) - min(values)) / statistics.median(values)

    def reference(self):
        if self.peer_rate is not None:
            return self.peer_rate
        return self.median(self.peer) if self.peer in self.rates else None

    def ratio(self):
        reference = self.reference()
        return self.median() / reference if reference else None

    def passes(self):
        """Whether the gate is met; None where there is none."""
        if self.gate_rate is not None:
            return self.median() >= self.gate_rate
        if self.gate is not None and self.ratio() is not None:
            return self.ratio() >= self.gate
        return None


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def table(rows):
    """Markdown."""
    lines = [
        "| | sheep | spread | CPU us/request | peer | ratio | gate | to the original |",
        "|---|---|---|---|---|---|---|---|",
    ]
    setup = None
    for row in rows:
        if row.setup != setup:
            setup = row.setup
            lines.append(f"| **{setup}** | | | | | | | |")
        cpu = row.cpu.get("sheep")
        gate = number(row.gate_rate) if row.gate_rate else (f"{row.gate:.2f}" if row.gate else "")
        verdict = {True: " met", False: " **missed**", None: ""}[row.passes()]
        reference = row.reference()
        cells = [
            row.name,
            f"{number(row.median())} {row.unit}",
            f"{row.spread():.0%}",
            number(statistics.median(cpu) * 1e6) if cpu else "",
            f"{row.peer} {number(reference)}" if reference else "",
            f"{row.ratio():.2f}" if row.ratio() else "",
            gate + verdict,
            f"{row.median() / row.original:.1f}x" if row.original else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def plot(rows, path):
    """Ratios to the peers as bars, by gnuplot."""
    data = [(row.ratio(), row.setup, row.name) for row in rows if row.ratio()]
    if not data:
        return
    names = ", ".join(f'"{setup}: {name}" {-i}' for i, (_, setup, name) in enumerate(data))
    bars = "\n".join(f"{ratio / 2} {-i} {ratio / 2} 0.35" for i, (ratio, _, _) in enumerate(data))
    script = f"""
set terminal svg size 1000,{80 + 24 * len(data)} background rgb "white"
set output "{path}"
set title "sheep, as a ratio to its peer in the same run"
set style fill solid 0.7
set ytics ({names})
set yrange [{-len(data) + 0.4}:0.6]
set xrange [0:*]
set grid x
set arrow from 1, graph 0 to 1, graph 1 nohead dashtype 2
unset key
$bars << END
{bars}
END
plot $bars using 1:2:3:4 with boxxyerrorbars
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def save(rows, facts, path):
    document = {"facts": facts, "rows": [dataclasses.asdict(row) for row in rows]}
    pathlib.Path(path).write_text(json.dumps(document, indent=2) + "\n")
