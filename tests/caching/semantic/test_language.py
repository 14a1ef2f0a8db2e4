from __future__ import annotations

import pytest

from pointsman.caching.semantic.language import language
from pointsman.caching.semantic.reading import read


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("How do I reset my password?", "en"),
        ("Wie setze ich mein Passwort zurück?", "de"),
        ("Comment puis-je réinitialiser mon mot de passe ?", "fr"),
        ("¿Cómo puedo restablecer mi contraseña?", "es"),
        ("Come posso reimpostare la mia password?", "it"),
        ("Como posso redefinir a minha senha? Não sei.", "pt"),
        ("Hoe kan ik mijn wachtwoord opnieuw instellen?", "nl"),
        ("如何重置密码？", "han"),
        ("パスワードを変更する方法は？", "kana"),
        ("Как сбросить пароль?", "cyrillic"),
        ("كيف أعيد تعيين كلمة المرور؟", "arabic"),
        ("GDP Japan", ""),
        ("12345", ""),
    ],
)
def test_the_language_of_a_text(text: str, told: str) -> None:
    assert language(read(text)) == told
