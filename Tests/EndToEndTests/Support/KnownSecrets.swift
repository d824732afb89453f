import Synchronization
import Testing

/// What no log, status and answer of a gateway may hold, in any test: the secrets that tests give to gateways, and the tokens
/// that they see.
enum KnownSecrets {
    private static let values = Mutex<Set<String>>([])

    /// - Parameter value: Short ones are left out: they could occur by chance.
    static func add(_ value: String) {
        guard value.utf8.count >= 8 else { return }
        values.withLock { _ = $0.insert(value) }
    }

    /// The variables whose names say that they hold a secret.
    static func add(environment: [String: String]) {
        for (name, value) in environment where ["SECRET", "TOKEN", "KEY", "PASSWORD"].contains(where: name.contains) {
            add(value)
        }
    }

    /// Records an issue for each secret that a text holds.
    static func check(_ text: String, of what: String) {
        for value in values.withLock({ $0 }) where text.contains(value) {
            // Not the value: the log of the tests is a log, too.
            Issue.record("\(what) holds a secret that begins with \"\(value.prefix(3))\"")
        }
    }
}
