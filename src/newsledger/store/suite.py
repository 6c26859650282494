"""The suite by which eventsourcing tries its recorders; only tests import it."""

from __future__ import annotations

from eventsourcing.dcb.tests import DCBRecorderTestCase as RecorderSuite

__all__ = ["RecorderSuite"]
