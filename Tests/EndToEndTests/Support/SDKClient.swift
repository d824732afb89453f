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
        let version: String?
    }

    /// - Parameter operations: See Fixtures/clients/sdk_client.py, for instance `["call", "echo", ["text": "x"]]`.
    static func run(_ sdk: Places.SDK, _ url: String, _ operations: [JSON]) async throws -> Report {
        let script = Places.client(sdk == .first ? "sdk1_client.py" : "sdk_client.py")
        let (status, output, errors) = try await ChildProcess.run(
            try Places.python(sdk), [script, url, JSON.array(operations).text])
        guard status == 0, let line = output.split(separator: "\n").last else {
            throw TestFailure("the client of \(sdk) failed (\(status)):\n\(errors.suffix(6000))")
        }
        let report = try JSON(parsing: line.utf8)
        return Report(
            results: report["results"]?.array ?? [], progress: report["progress"]?.array ?? [],
            logs: report["logs"]?.array ?? [], notifications: report["messages"]?.array.compactMap(\.string) ?? [],
            version: report["server"]?["version"]?.string)
    }
}
