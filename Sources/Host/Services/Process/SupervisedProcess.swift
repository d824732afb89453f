import CPosix
import Glibc
import Logging

/// A child with its supervisor, on the process thread.
///
/// `@unchecked`: everything but `input` is touched on the process thread alone.
final class SupervisedProcess: @unchecked Sendable {
    let input: ChildInput
    private let launch: SupervisorLaunch
    private let loop: EventLoop
    private let sink: any ProcessSink
    private let logger: Logger
    private let program: String
    private let ended: () -> Void
    private let outputs: [ChildOutput]
    private var watches: [Role: EventLoop.Watch] = [:]
    private var isSupervisorGone = false
    /// Of the program, and the number of its process group; 0 until the supervisor tells.
    private var programID: pid_t = 0
    /// How the program ended, as its supervisor says.
    private var exit: (code: Int32, signal: Int32)?
    private var hasLoggedDrop = false
    private var isFinished = false

    private enum Role: Hashable { case input, output(OutputStream), control, end }

    /// - Parameter ended: Called once, after the sink's `exited`.
    init(
        launch: SupervisorLaunch, spec: ProcessSpec, program: String, sink: any ProcessSink,
        loop: EventLoop, logger: Logger, ended: @escaping () -> Void
    ) {
        self.launch = launch
        self.loop = loop
        self.sink = sink
        self.logger = logger
        self.program = program
        self.ended = ended
        input = ChildInput(owning: launch.input)
        outputs = [
            ChildOutput(.standardOutput, owning: launch.output, spec),
            ChildOutput(.standardError, owning: launch.error, spec),
        ]
    }

    deinit {
        close(launch.control)
        close(launch.pidDescriptor)
    }

    /// Begins to watch the descriptors.
    func start(_ buffer: UnsafeMutableRawBufferPointer) {
        watch(.control, launch.control) { [unowned self] _ in readReports() }
        watch(.end, launch.pidDescriptor) { [unowned self] _ in supervisorEnded(buffer) }
        for output in outputs {
            watch(.output(output.stream), output.descriptor) { [unowned self] _ in
                output.read(into: buffer, sink)
                settle(output)
            }
        }
    }

    /// Does what a step of the input asks for.
    func attend(_ need: ChildInput.Need) {
        if isFinished { return }
        if need.close {
            unwatch(.input)
            input.discard()
        } else if need.watch, watches[.input] == nil, input.descriptor >= 0 {
            watch(.input, input.descriptor, for: Int(CPOSIX_WRITABLE)) { [unowned self] _ in
                let need = input.push()
                if !need.watch { unwatch(.input) }
                attend(need)
            }
        }
        if need.drained { sink.drained() }
    }

    func resume(_ stream: OutputStream, _ buffer: UnsafeMutableRawBufferPointer) {
        guard let output = outputs.first(where: { $0.stream == stream }) else { return }
        output.resume(sink)
        if isSupervisorGone { output.read(into: buffer, sink) }
        settle(output)
    }

    /// Orders the end of the tree. Milliseconds from now.
    func stop(terminateAfter: UInt32, killAfter: UInt32, _ buffer: UnsafeMutableRawBufferPointer) {
        attend(input.close(atOnce: true))
        // What is held back now would keep the end from coming.
        for output in outputs where output.isPaused {
            output.stopDelivering()
            if isSupervisorGone { output.read(into: buffer, sink) }
            settle(output)
        }
        var order = vmcp_supervision_order(terminate_after_ms: terminateAfter, kill_after_ms: killAfter)
        // Fails only when the supervisor is gone already.
        _ = send(launch.control, &order, MemoryLayout.size(ofValue: order), Int32(MSG_NOSIGNAL))
    }

    // MARK: Events

    private func readReports() {
        var report = vmcp_supervision_report()
        while true {
            let count = recv(launch.control, &report, MemoryLayout.size(ofValue: report), Int32(MSG_DONTWAIT))
            guard count == MemoryLayout.size(ofValue: report) else {
                if count == 0 { unwatch(.control) }  // the supervisor closed it: its end follows
                return
            }
            switch Int(report.kind) {
            case Int(VMCP_SUPERVISION_EXITED): exit = (report.first, report.second)
            case Int(VMCP_SUPERVISION_STARTED): programID = report.first
            case Int(VMCP_SUPERVISION_FAILED): logFailure(report)
            default: break
            }
        }
    }

    private func logFailure(_ report: vmcp_supervision_report) {
        let stage =
            switch Int(report.first) {
            case Int(VMCP_SUPERVISION_STAGE_DIRECTORY): "changing to its working directory"
            case Int(VMCP_SUPERVISION_STAGE_EXEC): "executing it"
            default: "making a process"
            }
        exit = exit ?? (127, 0)
        logger.error(
            "program could not be started",
            metadata: [
                "program": "\(program)", "stage": "\(stage)", "reason": "\(SystemError.text(of: report.second))",
            ])
    }

    private func supervisorEnded(_ buffer: UnsafeMutableRawBufferPointer) {
        var (code, signal): (Int32, Int32) = (0, 0)
        guard cposix_reap(launch.pid, &code, &signal) != 0 else { return }
        readReports()
        unwatch(.control)
        unwatch(.end)
        isSupervisorGone = true
        if exit == nil {
            logger.error(
                "supervisor ended before its program",
                metadata: ["program": "\(program)", "code": "\(code)", "signal": "\(signal)"])
            exit = (code, signal)
            // The program itself gets SIGKILL by its parent's death; this is for what it started.
            if programID > 1 { kill(-programID, SIGKILL) }
        }
        attend(input.close(atOnce: true))
        for output in outputs {
            output.isLast = true
            output.read(into: buffer, sink)
            settle(output)
        }
        finishIfOver()
    }

    /// Waits for more of a stream or not, as its state is now.
    private func settle(_ output: ChildOutput) {
        if output.dropped > 0, !hasLoggedDrop {
            hasLoggedDrop = true
            logger.warning(
                "program wrote a line that is too long (operational.limits.eventBytes); it was dropped, and so will be others",
                metadata: ["program": "\(program)", "stream": "\(output.stream.rawValue)"])
        }
        if output.isOver {
            unwatch(.output(output.stream))
        } else if let watch = watches[.output(output.stream)] {
            do {
                try loop.change(watch, to: output.isPaused ? 0 : Int(CPOSIX_READABLE))
            } catch {
                logger.error("output of a program cannot be waited for", metadata: ["reason": "\(error)"])
            }
        }
        finishIfOver()
    }

    private func finishIfOver() {
        guard isSupervisorGone, !isFinished, outputs.allSatisfy({ $0.isOver }), let exit else { return }
        isFinished = true
        for role in watches.keys { unwatch(role) }
        let dropped = outputs.reduce(0) { $0 + $1.dropped }
        if dropped > 0 {
            logger.warning(
                "program has ended; lines that were too long were dropped",
                metadata: ["program": "\(program)", "lines": "\(dropped)"])
        }
        sink.exited(code: exit.code, signal: exit.signal)
        ended()
    }

    private func watch(
        _ role: Role, _ descriptor: Int32, for events: Int = Int(CPOSIX_READABLE), _ act: @escaping (UInt32) -> Void
    ) {
        do {
            watches[role] = try loop.watch(descriptor, for: events, act)
        } catch {
            logger.error("a program cannot be watched", metadata: ["program": "\(program)", "reason": "\(error)"])
        }
    }

    private func unwatch(_ role: Role) {
        if let watch = watches.removeValue(forKey: role) { loop.unwatch(watch) }
    }
}
