/// The text that goes before the names of a backend.
struct NamePrefix: Sendable {
    /// What stands for the backend's name.
    static let placeholder = "{workload}"
    /// Used when the configured format is empty, as ToolHive does.
    static let defaultFormat = "{workload}_"

    private let format: String

    init(format: String) { self.format = format.isEmpty ? Self.defaultFormat : format }

    /// The format with each placeholder replaced.
    func text(for backend: String) -> String {
        var out = ""
        var rest = format[...]
        while !rest.isEmpty {
            if rest.hasPrefix(Self.placeholder) {
                out += backend
                rest = rest.dropFirst(Self.placeholder.count)
            } else {
                out.append(rest.removeFirst())
            }
        }
        return out
    }

    /// The prefixed names of items that are sorted by backend.
    struct Cursor {
        private let prefix: NamePrefix
        private var backend: String?
        private var text = ""

        init(_ prefix: NamePrefix) { self.prefix = prefix }

        mutating func name(of item: OfferedItem) -> String {
            if backend != item.backend { (backend, text) = (item.backend, prefix.text(for: item.backend)) }
            return text + item.name
        }
    }
}
