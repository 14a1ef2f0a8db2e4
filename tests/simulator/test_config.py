from pointsman.simulator.config import Config


def test_nothing_fails_waits_or_is_limited_unless_told() -> None:
    config = Config()
    assert (config.faults, config.pace) == ((), "none")
    names = ("rpm", "tpm", "input_tpm", "output_tpm", "concurrency", "account_rpm", "account_tpm")
    assert {getattr(config, name) for name in names} == {None}
    assert (config.window, config.limit_headers, config.retry_after) == ("bucket", "on", True)
