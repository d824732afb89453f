import Gateway

extension MemoryBackend {
    /// What a server of 2026-07-28 says of itself that offers tools, resources and prompts.
    static let discovered = """
        {"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"resources":{},\
        "prompts":{}},"ttlMs":0,"cacheScope":"private"}
        """

    /// A backend of 2026-07-28 whose answers come on the calls.
    static func modern(traits: BackendTraits = [.shareable]) -> MemoryBackend {
        MemoryBackend(traits: traits, discoverResult: discovered)
    }

    /// Ends the exchange of a request with an HTTP status; `body` is raw, empty for none that is JSON.
    func end(_ waiting: Waiting, status: Int, _ body: String = "") {
        waiting.observer.ended(
            Outcome(.invalid, httpStatus: status, message: "status \(status)"), last: Array(body.utf8))
    }
}

extension MemoryBackend.Waiting {
    /// The params as they came, without what stands in `_meta`.
    var ownParams: String {
        let members = (message.params?.members ?? []).filter { $0.key != "_meta" }
        return "{"
            + members.map { "\"\($0.key)\":\(String(decoding: $0.value.bytes, as: UTF8.self))" }
            .joined(separator: ",") + "}"
    }
}
