import pytest

from explorer.descent.ground import use


@pytest.fixture(autouse=True)
def built_ins_only():
    """Every test begins with the tables of the program itself, whatever plugins an earlier one had loaded."""
    use(None)
    yield
    use(None)
