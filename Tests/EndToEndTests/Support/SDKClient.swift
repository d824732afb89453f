/// Runs the official Python SDK's client against an endpoint.
enum SDKClient {
    /// What the client saw.
    struct Report: Sendable {
        /// One per operation; `{"error": {"code", "message"}}` where it failed.
        let results: [JSON]
        /// `[progress, total, message]` each.
        let progress: [JSON]
        let logs: [JSON]
        /// Methods of the notifications that came.
        let notifications: [String]
        /// For each operation what came while it ran: `progress`, `logs`, `messages`, `asked`.
        let steps: [JSON]
        let version: String?
    }

    /// - Parameters:
    ///   - operations: See Fixtures/clients/driver.py, for instance `["call", "echo", ["text": "x"]]`.
    ///   - options: The same.
    static func run(
        _ sdk: Places.SDK, _ url: String, _ operations: [JSON], options: [String: JSON] = [:]
    ) async throws -> Report {
        let script = Places.client(sdk == .first ? "sdk1_client.py" : "sdk_client.py")
        let (status, output, errors) = try await ChildProcess.run(
            try Places.python(sdk), [script, url, JSON.array(operations).text, JSON.object(options).text])
        guard status == 0, let line = output.split(separator: "\n").last else {
            throw TestFailure("the client of \(sdk) failed (\(status)):\n\(errors.suffix(6000))")
        }
        let report = try JSON(parsing: line.utf8)
        return Report(
            results: report["results"]?.array ?? [], progress: report["progress"]?.array ?? [],
            logs: report["logs"]?.array ?? [], notifications: report["messages"]?.array.compactMap(\.string) ?? [],
            steps: report["steps"]?.array ?? [], version: report["server"]?["version"]?.string)
    }
}
