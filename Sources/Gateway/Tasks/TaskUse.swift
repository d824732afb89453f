/// How a tool can be called where tasks are offered (2025-11-25, Tools, `execution.taskSupport`).
package enum TaskUse: String, Sendable {
    /// Without a task only; also every tool of a backend that offers no tasks.
    case forbidden
    /// Either way.
    case optional
    /// As a task only: clients that cannot ask for tasks do not see it.
    case required
}
