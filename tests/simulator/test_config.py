from pointsman.simulator.config import UNLIMITED_RPM, UNLIMITED_TPM, Config


def test_nothing_fails_waits_or_is_limited_unless_told() -> None:
    config = Config()
    assert (config.faults, config.rpm, config.tpm, config.pace) == ((), None, None, "none")
    assert UNLIMITED_TPM > UNLIMITED_RPM >= 1_000_000
