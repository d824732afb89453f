import Gateway

#if canImport(Glibc)
    @preconcurrency import Glibc  // its `stdout` is a variable
#endif

/// What is printed for people: colours on a terminal only, and not with `NO_COLOR` (no-color.org).
enum Terminal {
    enum Style: Int { case bold = 1, dim = 2, red = 31, green = 32, yellow = 33, cyan = 36 }

    /// Makes lines appear as they are printed, also in a file or a pipe.
    static func writeLines() {
        setvbuf(stdout, nil, _IOLBF, 0)
    }

    /// Makes what was printed without a line break appear.
    static func flush() { fflush(stdout) }

    /// Whether what is complained about is seen on a terminal, where it can be drawn over.
    static let isLive = isatty(STDERR_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
    /// Whether somebody is there to answer.
    static let hasPerson = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1

    private static let hasColour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
    private static let hasLiveColour = isLive && getenv("NO_COLOR") == nil

    static func styled(_ text: String, _ style: Style) -> String { styled(text, style, hasColour) }

    /// The same for what is complained about.
    static func styledLive(_ text: String, _ style: Style) -> String { styled(text, style, hasLiveColour) }

    private static func styled(_ text: String, _ style: Style, _ isShown: Bool) -> String {
        isShown ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Of the terminal that complaints go to, now; 24 lines of 80 where it does not say.
    static var size: (lines: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    /// Writes a line to standard error.
    static func complain(_ text: String) { LiveRegion.shared.above { write(text + "\n") } }

    /// Writes text to standard error as it is.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// A number with its noun: `1 tool`, `2 tools`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// Lines of cells in columns that fit their widest cell.
    static func table(_ rows: [[String]], indent: String = "") -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? TerminalColumns.of($0[column]) : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : TerminalColumns.padded(cell, to: widths[index])
            }
            return indent + cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
