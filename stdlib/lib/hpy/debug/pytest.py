"""The fixture `hpy_debug`: a test that uses it fails when it leaves handles open."""

import pytest
from hpy.debug.leakdetector import LeakDetector


@pytest.fixture
def hpy_debug():
    with LeakDetector() as detector:
        yield detector
