"""Writes Plugins/LocalEmbedding/Core/Tokenizer/Decompositions.swift from Python's Unicode data."""

import pathlib
import unicodedata

HEAD = '''/// Canonical decompositions without the marks that a model of uncased text drops (general category Mn).
///
/// Written by scripts/model/decompositions.py from Unicode {version}. Hangul syllables are not listed: their parts are
/// computed.
enum Decompositions {{
    /// A line is a code in hexadecimal digits, a space, and what its code and the codes after it become, a scalar each;
    /// '.' stands for a code that stays as it is.
    static let runs = """
{runs}
        """

    /// A line is a code and the scalars that it becomes, in hexadecimal digits.
    static let pairs = """
{pairs}
        """
}}
'''


def main():
    ones, pairs = {}, []
    for code in range(0x80, 0x110000):
        character = chr(code)
        if 0xAC00 <= code <= 0xD7A3 or 0xD800 <= code <= 0xDFFF or character.isspace():
            continue
        full = unicodedata.normalize("NFD", character)
        kept = [ord(c) for c in full if unicodedata.category(c) != "Mn"]
        if full == character or not kept:
            continue
        if len(kept) == 1:
            ones[code] = kept[0]
        else:
            pairs.append(" ".join(f"{value:X}" for value in [code] + kept))
    lines, run, start = [], "", None
    for code, value in ones.items():
        if start is None or code - (start + len(run)) > 8 or len(run) > 70:
            if run:
                lines.append(f"{start:X} {run}")
            start, run = code, ""
        run += "." * (code - start - len(run)) + chr(value)
    lines.append(f"{start:X} {run}")
    assert "\\" not in "".join(lines) and '"' not in "".join(lines)
    text = HEAD.format(
        version=unicodedata.unidata_version,
        runs="\n".join("        " + line for line in lines),
        pairs="\n".join("        " + line for line in pairs),
    )
    root = pathlib.Path(__file__).resolve().parents[2]
    (root / "Plugins/LocalEmbedding/Core/Tokenizer/Decompositions.swift").write_text(text)


if __name__ == "__main__":
    main()
