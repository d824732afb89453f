package import PluginKit

/// How a container ended, from its `State` as the engine tells it.
package struct ContainerEnd: Sendable, Equatable {
    private let code: Int
    private let ranOutOfMemory: Bool
    private let isRunning: Bool
    private let error: String
    private let memory: Int?

    /// - Parameter memory: Its limit in bytes; nil for none.
    package init(_ state: JSONValue, memory: Int?) {
        code = state["ExitCode"]?.integer ?? 0
        ranOutOfMemory = state["OOMKilled"]?.bool ?? false
        isRunning = state["Running"]?.bool ?? false
        error = state["Error"]?.string ?? ""
        self.memory = memory
    }

    /// One sentence for people.
    package var sentence: String {
        if isRunning { return "the connection to the container broke" }
        if ranOutOfMemory {
            let limit = memory.map { " of \($0) bytes (spec.resources.limits.memory)" } ?? ""
            return "the container was killed because it needed more memory than its limit\(limit)"
        }
        // 128 and the number of the signal, as shells have it.
        let how =
            code > 128 && code < 160
            ? "the container was ended by signal \(code - 128)" : "the container exited with code \(code)"
        // Not every engine tells who ran out of memory.
        if code == 137, let memory {
            return
                "\(how); perhaps it needed more memory than its limit of \(memory) bytes (spec.resources.limits.memory)"
        }
        return error.isEmpty ? how : "\(how): \(error)"
    }
}
