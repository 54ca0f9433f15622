"""`--layout`: what a template says of a path, and that no path takes long."""

from __future__ import annotations

import time

import pytest

from pipcert_logs.scan.layout import Layouts, time_of
from pipcert_logs.scan.model import Place


@pytest.mark.parametrize(
    ("template", "path", "place"),
    [
        ("{project}/{job}/{build}.log", "/ci/shop/api/1.log", Place("shop", "api", "1")),
        ("{project}/{job}/{build}.log", "a.zip!shop\\api/1.log", Place("shop", "api", "1")),
        ("{project}/{job}/{build}.log", "api/1.log", Place()),
        ("{project}/{job}/{build}.log", "shop/api/1.txt", Place()),
        ("/{job}/{build}.log", "/api/1.log", Place(job="api", build="1")),
        ("/{job}/{build}.log", "/ci/api/1.log", Place()),
        ("{job}-*/{build}", "api-eu-1/7", Place(job="api", build="7")),
        ("{project}/**/{build}.log", "shop/eu/api/1.log", Place("shop", build="1")),
        ("{project}/**/{build}.log", "shop/1.log", Place("shop", build="1")),
        ("jobs/{job}/**/{build}/log", "/x/jobs/api/y/z/7/log", Place(job="api", build="7")),
        ("jobs/{job}/**/{build}/log", "/jobs/a/jobs/api/z/7/log", Place(job="api", build="7")),
        ("**/{job}/x/**/y/**/{build}", "api/x/1/y/x/y/2/7", Place(job="y", build="7")),
        ("{job}/x/**/y/{build}", "api/y/x/7", Place()),
    ],
)
def test_what_a_template_says(template: str, path: str, place: Place) -> None:
    assert Layouts([template]).place(path) == place


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("{project}/**/a/**/b/**/a/**/{job}/x.log", "a/" * 3000 + "x.log"),
        ("{project}/**/a/**/a/**/a/**/{job}/x.log", "a/" * 3000 + "y.log"),
        ("*_*_{build}.txt", "_" * 60_000),
    ],
)
def test_no_path_takes_long(template: str, path: str) -> None:
    """Names in an archive are as deep and as long as somebody wants them to be."""
    layouts = Layouts([template])
    begun = time.perf_counter()
    assert layouts.place(path) == Place()
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    ("date", "stamp"),
    [
        ("2026-03-04", "2026-03-04T00:00:00Z"),
        ("20260304", "2026-03-04T00:00:00Z"),
        ("2026_03_04", "2026-03-04T00:00:00Z"),
        ("2026/03/04", "2026-03-04T00:00:00Z"),
        ("2026-03-04T05:06:07", "2026-03-04T05:06:07Z"),
        ("2026-03-04T05:06:07Z", "2026-03-04T05:06:07Z"),
        ("2026-03-04T05:06:07+02:00", "2026-03-04T03:06:07Z"),
        ("2026-03_04", ""),
        ("2026-13-04", ""),
        ("0001-01-01", ""),
        ("99990101", ""),
        ("0001-01-01T00:00:00+05:00", ""),
        ("yesterday", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_when_a_date_is(date: str | None, stamp: str) -> None:
    assert time_of(date) == stamp
