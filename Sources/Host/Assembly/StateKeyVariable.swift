import Gateway

/// Where the key for `requestState` comes from: the environment, as everything that is secret.
enum StateKeyVariable {
    private static let name = "VMCP_STATE_KEY"

    /// Why the variable holds no key; never shows its value.
    struct Invalid: Error, CustomStringConvertible {
        let description: String
    }

    /// - Returns: `nil` when the variable is not set or empty.
    /// - Throws: ``Invalid``.
    static func read(_ environment: [String: String]) throws(Invalid) -> StateKey? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        do throws(StateKey.Invalid) { return try StateKey(base64: text) } catch {
            throw Invalid(description: "\(name): \(error)")
        }
    }
}
