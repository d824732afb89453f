/// The SDK's clients that answer what they are asked, and what the asking servers of the fixtures ask them.
enum AskingClient {
    static let everything = "elicitation,sampling,tools,roots"
    static let tools = ["form", "url", "sample", "sample_tools", "roots", "rounds", "together"]
    /// What each of ``tools`` comes to, and what the client is asked for it.
    static let results: [JSON] = [
        "Use", "accept", "m: ha", "m: ha", "file:///a,file:///b", "One m: ha Two", "One Two",
    ]
    /// All but the two questions of the last tool, which come in either order.
    static let asked: [JSON] = [
        "form The name of the user?", "url https://example.com/in", "sample 0", "sample 1", "roots",
        "form The name of one?", "sample 0", "form The name of two?",
    ]
    /// Each generation with each way to speak, and the revision it comes to.
    static let kinds: [(sdk: Places.SDK, mode: String, revision: String)] = [
        (.second, "2026-07-28", "2026-07-28"), (.second, "legacy", "2025-11-25"), (.first, "", "2025-11-25"),
    ]

    struct Report: Sendable {
        let results: [JSON]
        let asked: [JSON]
        let version: String?

        /// Whether all of ``AskingClient/tools`` asked and answered as they do.
        var isWhole: Bool {
            results == AskingClient.results && asked.prefix(AskingClient.asked.count) == AskingClient.asked[...]
                && asked.count == AskingClient.asked.count + 2
        }
    }

    /// Calls tools as a client of that generation; arguments as in Fixtures/clients/asking_client.py.
    static func run(
        _ sdk: Places.SDK, _ url: String, mode: String, capabilities: String = everything, _ tools: [String]
    ) async throws -> Report {
        let script = Places.client(sdk == .first ? "asking1_client.py" : "asking_client.py")
        let (status, output, errors) = try await ChildProcess.run(
            try Places.python(sdk), [script, url, mode, capabilities] + tools)
        guard status == 0, let line = output.split(separator: "\n").last else {
            throw TestFailure("the client of \(sdk) failed (\(status)):\n\(errors.suffix(6000))")
        }
        let report = try JSON(parsing: line.utf8)
        return Report(
            results: report["results"]?.array ?? [], asked: report["asked"]?.array ?? [],
            version: report["version"]?.string)
    }
}
