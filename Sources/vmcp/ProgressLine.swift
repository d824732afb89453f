import Gateway

/// What is going on, on standard error: one line that changes on a terminal, a line for each change elsewhere.
final class ProgressLine {
    private static let barWidth = 20
    private var last = ""

    func show(_ text: String) {
        let text = WorkflowPicture.oneLine(text)
        guard text != last, !text.isEmpty else { return }
        last = text
        guard Terminal.isLive else { return Terminal.complain(text) }
        let columns = max(Terminal.size.columns - 1, 1)
        LiveRegion.shared.show([TerminalColumns.prefix(Self.bar(of: text) + text, columns)])
    }

    /// Leaves nothing on a terminal; what is printed next takes its place.
    func end() {
        guard Terminal.isLive, !last.isEmpty else { return }
        last = ""
        LiveRegion.shared.show([])
        LiveRegion.shared.end()
    }

    /// How far a text like `fetching x: 12.5 of 40.0 MB` is; empty for one that does not tell.
    static func bar(of text: String) -> String {
        let words = text.split(separator: " ")
        guard let unit = words.firstIndex(where: { $0.hasPrefix("MB") }), unit >= 3, words[unit - 2] == "of",
            let done = Double(words[unit - 3]), let total = Double(words[unit - 1]), total > 0
        else { return "" }
        let count = Int(Double(barWidth) * min(max(done / total, 0), 1))
        return "[" + String(repeating: "#", count: count) + String(repeating: "-", count: barWidth - count) + "] "
    }
}
