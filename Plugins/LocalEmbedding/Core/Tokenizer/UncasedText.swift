/// Text as models of uncased text see it: words of lower-case scalars without accents, each punctuation mark and each
/// Chinese character a word of its own.
///
/// The rules are those that BERT's uncased models were trained with (Devlin et al., 2018, "basic tokenisation"): control
/// characters go, white space parts words, canonical decomposition, no nonspacing marks, lower case without context.
struct UncasedText {
    /// Calls `body` with the UTF-8 bytes and the number of scalars of each word, in order, until it answers false.
    static func words(of text: Substring, _ body: (_ word: [UInt8], _ scalars: Int) -> Bool) {
        var word: [UInt8] = []
        var scalars = 0
        var goesOn = true

        func finish() {
            if scalars > 0, goesOn { goesOn = body(word, scalars) }
            word.removeAll(keepingCapacity: true)
            scalars = 0
        }
        func take(_ scalar: Unicode.Scalar) {
            if isPunctuation(scalar) {
                finish()
                word.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
                scalars = 1
                finish()
            } else {
                word.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
                scalars += 1
            }
        }

        for scalar in text.unicodeScalars where goesOn {
            if scalar.isASCII {
                switch scalar.value {
                case 0x09, 0x0A, 0x0D, 0x20: finish()
                case 0..<0x20, 0x7F: continue
                case 0x41...0x5A: take(Unicode.Scalar(UInt8(scalar.value) | 0x20))
                default: take(scalar)
                }
            } else if isDropped(scalar) {
                continue
            } else if scalar.properties.isWhitespace {
                finish()
            } else {
                let standsAlone = isChinese(scalar)
                if standsAlone { finish() }
                Decomposition.each(of: scalar) { part in
                    guard part.properties.generalCategory != .nonspacingMark else { return }
                    for lower in part.properties.lowercaseMapping.unicodeScalars { take(lower) }
                }
                if standsAlone { finish() }
            }
        }
        finish()
    }

    /// Control, format, private and unassigned characters, and what stands for text that could not be read.
    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value == 0xFFFD { return true }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    /// The blocks that BERT counts as Chinese: CJK ideographs, not kana and not hangul.
    private static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B820...0x2CEAF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }

    /// General category P, and every ASCII character that is neither letter, digit, space nor control, such as `$`.
    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            switch scalar.value {
            case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
            default: return false
            }
        }
        return switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            true
        default: false
        }
    }
}
