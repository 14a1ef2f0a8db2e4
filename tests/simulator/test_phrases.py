from pointsman.simulator.phrases import CODE, COMMON_WORDS, SCRIPTS, SENTENCES


def test_every_sentence_and_every_code_can_be_filled_in() -> None:
    for sentences in SENTENCES.values():
        assert any("{topic}" in sentence for sentence in sentences)
        assert all(sentence.format(topic="x") for sentence in sentences)
    for code in CODE.values():
        assert "{name}" in code
        assert "fetch" in code.format(name="fetch")


def test_every_recognised_language_can_be_answered() -> None:
    recognised = {language for language, _, _ in SCRIPTS} | set(COMMON_WORDS)
    assert recognised == set(SENTENCES)
