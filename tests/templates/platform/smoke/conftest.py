import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--url", required=True, help="where the service runs")


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--url"))
