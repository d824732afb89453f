import Gateway
import Logging
import PluginAPI
import Synchronization

/// One instance of a plugin: what `create` made for one resource.
///
/// Nothing of the plugin is called after `destroy`: every call into it is counted by ``Rundown``, and `destroy` waits
/// until the count is zero, or does not happen.
final class PluginInstance: CallOwner {
    let image: PluginImage
    /// The resource, such as "MCPServer/weather".
    let resource: String
    let ledger: PluginLedger
    let canPause: Bool
    private let functions: PluginTable
    private let status: StatusBoard
    private let rundown = Rundown()
    private let life = Mutex(InstanceLife())
    private let host: any HostTable
    private let logger: Logger
    // create, start, quiesce and destroy never run at the same time ([serial] in vmcp_plugin.h).
    private let serial = Mutex(())
    // nonisolated(unsafe): set once in init; an opaque value that only the plugin's own thread-safe functions get.
    private nonisolated(unsafe) let handle: UnsafeMutableRawPointer?

    private init(
        image: PluginImage, resource: String, host: any HostTable, status: StatusBoard,
        handle: UnsafeMutableRawPointer?
    ) {
        self.image = image
        self.resource = resource
        self.host = host
        self.status = status
        self.handle = handle
        ledger = image.ledger
        functions = image.table
        canPause = image.table.functions.resume != nil
        var logger = image.logger
        logger[metadataKey: "resource"] = "\(resource)"
        self.logger = logger
        life.withLock { _ = $0.go(.create) }
    }

    /// Checks a configuration against the plugin's schema and has the plugin make an instance of it.
    /// - Parameter onState: Called with each state that the instance reports.
    static func create(
        _ image: PluginImage, _ configuration: InstanceConfiguration, hosts: any HostTableProvider,
        onState: @escaping @Sendable (ReportedState) -> Void
    ) async throws(PluginLoadError) -> PluginInstance {
        let resource = "\(configuration.kind)/\(configuration.name)"
        try image.check(configuration.spec, resource: resource)
        let status = StatusBoard(onChange: onState)
        let host = hosts.makeHost(
            plugin: image.manifest.id, kind: configuration.kind, name: configuration.name,
            onState: { status.set($0) })
        var handle: UnsafeMutableRawPointer?
        let (code, words) = Lending.withError { error in
            Lending.with(configuration.json) { json in
                image.table.functions.create(host.pointer, json, &handle, error)
            }
        }
        guard code == vmcp_status(VMCP_OK) else {
            await host.endActivities()
            await host.release()
            let status = Outcome.Status(rawValue: code).map { "\($0)" } ?? "the unknown status \(code)"
            throw PluginLoadError(
                .createFailed, path: resource, expected: "the plugin \(image.manifest.id) to accept the configuration",
                found: words.isEmpty ? "\(status), and no reason given" : "\(status): \(words)",
                advice: "correct the resource")
        }
        return PluginInstance(image: image, resource: resource, host: host, status: status, handle: handle)
    }

    var state: InstanceLife.State { life.withLock { $0.state } }
    var reported: ReportedState { status.current }
    /// Calls that are not resolved and functions that run.
    var holds: Int { rundown.count }

    // MARK: Start and end

    /// Has the plugin do what takes time before the first use.
    /// - Parameters:
    ///   - timeout: Milliseconds.
    ///   - onProgress: Called with each line that the plugin has for people.
    /// - Throws: ``PluginLoadError``, also when the task is cancelled meanwhile.
    func start(
        timeout: UInt64, onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(PluginLoadError) {
        guard life.withLock({ $0.go(.start) }) else { return }
        guard let start = functions.functions.start else {
            life.withLock { _ = $0.go(.succeed) }
            return
        }
        let call = AwaitedCall(onProgress: onProgress)
        let context = CallContext(deadline: MonotonicClock.now().addingSaturating(timeout))
        let number = begin(context, call) { handle, frame in self.serial.withLock { _ in start(handle, frame) } }
        // A gateway that is told to end while a model is loaded does not wait for the model.
        let outcome = await withTaskCancellationHandler {
            await call.outcome()
        } onCancel: {
            self.ledger.calls.giveUp(number)
        }
        let succeeded = life.withLock { $0.go(outcome.status == .ok ? .succeed : .fail) }
        guard outcome.status != .ok || !succeeded else { return }
        let timedOut = outcome.status == .timeout && MonotonicClock.now() >= context.deadline
        let words = outcome.message.isEmpty ? "no reason given" : outcome.message
        throw PluginLoadError(
            timedOut ? .startTimedOut : .startFailed, path: resource,
            expected: timedOut
                ? "the plugin \(image.manifest.id) to start within \(timeout) ms"
                : "the plugin \(image.manifest.id) to start",
            found: timedOut ? "no answer" : "\(outcome.status): \(words)",
            advice: "see the log for what the plugin says")
    }

    /// Ends the instance: no new calls, `quiesce`, the rest cancelled and awaited, its host table released, `destroy`.
    ///
    /// When the plugin keeps a call in spite of all that, the instance and its host table stay for good: freeing them
    /// under running code would be worse.
    /// - Parameter grace: Milliseconds for `quiesce`, and as long again, twice, for what runs then.
    func stop(grace: UInt64) async {
        let wasRunning = state == .running
        guard life.withLock({ $0.go(.quiesce) || $0.state == .quiescing }), rundown.close() else { return }
        if wasRunning, let quiesce = functions.functions.quiesce {
            let call = AwaitedCall()
            let context = CallContext(deadline: MonotonicClock.now().addingSaturating(grace))
            begin(context, call, admitted: rundown.enter(2)) { handle, frame in
                self.serial.withLock { _ in quiesce(handle, frame) }
            }
            let outcome = await call.outcome()
            if outcome.status != .ok {
                logger.warning(
                    "A plugin did not quiesce", metadata: ["outcome": "\(outcome.status)", "why": "\(outcome.message)"])
            }
        }
        for number in ledger.calls.numbers(of: self) { ledger.calls.cancel(number, reason: .shutdown) }
        var drained = await rundown.drained(until: MonotonicClock.now().addingSaturating(grace))
        if !drained {
            _ = ledger.calls.writeOff(of: self, Outcome(.unavailable, message: "the backend was stopped"))
        }
        // Transfers, timers and processes end here, which is what calls that are left may be waiting for. Held, not
        // awaited: a plugin that blocks in one of their sinks must not block us.
        if rundown.enter() {
            Task { [host, rundown] in
                await host.endActivities()
                rundown.leave()
            }
        }
        let due = MonotonicClock.now().addingSaturating(grace)
        while !rundown.finish() {
            drained = await rundown.drained(until: due)
            if !drained { return leak() }
        }
        serial.withLock { _ in functions.functions.destroy(handle) }
        await host.release()
        life.withLock { _ = $0.go(.destroy) }
    }

    private func leak() {
        life.withLock { _ = $0.go(.abandon) }
        image.countLeak()
        // For good: the host table must outlive the plugin's use of it, which never ends.
        _ = Unmanaged.passRetained(self)
        logger.error(
            "A plugin never resolved a call; its instance is kept for good",
            metadata: ["calls": "\(rundown.count)", "leaked": "\(image.leakedInstances)"])
    }

    // MARK: Calls

    /// Calls a function of the plugin that takes a `vmcp_call`. Once ``stop(grace:)`` has begun the call ends at once.
    /// - Parameter body: Gets the instance and the call. It runs at once, or on the pool of a blocking plugin.
    /// - Returns: The call's number.
    @discardableResult
    func call(
        _ context: CallContext, _ observer: any BackendCallObserver,
        _ body: @escaping @Sendable (UnsafeMutableRawPointer?, UnsafePointer<vmcp_call>) -> Void
    ) -> ContextNumber {
        begin(context, observer, body)
    }

    /// As ``call(_:_:_:)``, awaited. When the task is cancelled the plugin is advised of it, and the call still ends.
    /// - Parameter observer: Makes the observer, which resumes the continuation when it is told the end.
    func awaited<Answer: Sendable>(
        _ context: CallContext,
        _ observer: @Sendable (CheckedContinuation<Answer, Never>) -> any BackendCallObserver,
        _ body: @escaping @Sendable (UnsafeMutableRawPointer?, UnsafePointer<vmcp_call>) -> Void
    ) async -> Answer {
        let number = ledger.nextNumber()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                begin(context, observer(continuation), number: number, body)
                // Cancelled before the call was entered: the handler found nothing.
                if Task.isCancelled { ledger.calls.cancel(number, reason: .byClient) }
            }
        } onCancel: {
            ledger.calls.cancel(number, reason: .byClient)
        }
    }

    @discardableResult
    private func begin(
        _ context: CallContext, _ observer: any BackendCallObserver, admitted: Bool? = nil,
        number reserved: ContextNumber? = nil,
        _ body: @escaping @Sendable (UnsafeMutableRawPointer?, UnsafePointer<vmcp_call>) -> Void
    ) -> ContextNumber {
        let number = reserved ?? ledger.nextNumber()
        // One hold until the plugin resolves, one until its function returns.
        guard admitted ?? rundown.admit(2) else {
            observer.ended(Outcome(.unavailable, notSent: true, message: "the backend is not running"), last: [])
            return number
        }
        let pending = ledger.calls.add(number, owner: self, observer: observer, context: context)
        guard let pool = image.pool else {
            run(pending, context, body)
            return number
        }
        if !pool.submit({ self.run(pending, context, body) }) {
            let message = "all threads of the plugin are busy and its queue is full"
            ledger.calls.forestall(pending, Outcome(.exhausted, notSent: true, message: message))
            rundown.leave()
        }
        return number
    }

    private func run(
        _ pending: PendingCall, _ context: CallContext,
        _ body: (UnsafeMutableRawPointer?, UnsafePointer<vmcp_call>) -> Void
    ) {
        defer { rundown.leave() }
        guard pending.begin() else { return }
        CallFrame.with(pending.number, context) { body(handle, $0) }
        if let reason = pending.functionReturned(), ledger.calls.isPending(pending.number) {
            advise(cancel: pending.number, reason: reason)
        }
    }

    /// Calls a function that takes no `vmcp_call`, if the instance is alive.
    func direct<Answer>(_ body: (UnsafeMutableRawPointer?) -> Answer) -> Answer? {
        guard rundown.enter() else { return nil }
        defer { rundown.leave() }
        return body(handle)
    }

    /// The table of a capability, in our own size; `nil` when the instance does not have it.
    func capability<Table: BitwiseCopyable>(_ id: String, as: Table.Type) -> CapabilityTable<Table>? {
        direct { handle -> CapabilityTable<Table>? in
            guard let raw = functions.functions.capability(handle, id) else { return nil }
            return CTable.copy(raw, sizeAt: 0, minimum: 8, as: Table.self).map(CapabilityTable.init)
        } ?? nil
    }

    // MARK: CallOwner

    var isBlocking: Bool { image.isBlocking }

    func hold() { _ = rundown.enter() }

    func callResolved() { rundown.leave() }

    func advise(cancel number: ContextNumber, reason: CancelReason) {
        functions.functions.cancel?(handle, number.rawValue, reason.rawValue)
    }

    func advise(resume number: ContextNumber) {
        functions.functions.resume?(handle, number.rawValue)
    }
}
