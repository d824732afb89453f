import PluginAPI

/// `vmcp.process/1`.
enum ProcessTable {
    static let table = vmcp_process(
        struct_size: UInt32(MemoryLayout<vmcp_process>.size), reserved: 0,
        spawn: { host, spec, sink, error in
            func refuse(_ reason: String) -> UInt64 {
                error?.explain(reason)
                return 0
            }
            guard let instance = HostTable.instance(of: host) else { return refuse("the instance has been released") }
            guard let spec, let sink else { return refuse("spawn needs a spec and a sink") }
            let given = PluginInput.read(spec, size: spec.pointee.struct_size, into: vmcp_process_spec())
            guard let translated = ProcessTable.translate(given) else {
                return refuse("an argument, an environment variable or the directory is not UTF-8")
            }
            let process = instance.hub.processes.nextProcess()
            guard instance.ledger.begin(.process(process)) == .start else {
                instance.ledger.end(.process(process))
                return refuse("the instance is being ended")
            }
            let receiver = PluginProcessSink(
                sink: PluginInput.read(sink, size: sink.pointee.struct_size, into: vmcp_process_sink()))
            do throws(ProcessSpawnError) {
                try instance.hub.processes.spawn(process, translated, sink: receiver, logger: instance.logger) {
                    instance.ledger.end(.process(process))
                }
            } catch let failure {
                instance.ledger.end(.process(process))
                return refuse(failure.description)
            }
            return process
        },
        write: { host, process, data in
            guard let instance = ProcessTable.owner(host, process) else { return Int32(VMCP_STOP) }
            return instance.hub.processes.write(process, data.buffer).rawValue
        },
        close_input: { host, process in
            ProcessTable.owner(host, process)?.hub.processes.closeInput(process)
        },
        resume: { host, process, stream in
            guard let stream = OutputStream(rawValue: stream) else { return }
            ProcessTable.owner(host, process)?.hub.processes.resume(process, stream)
        },
        stop: { host, process, grace in
            ProcessTable.owner(host, process)?.hub.processes.stop(process, grace: grace)
        })

    /// The instance, if the process is its own.
    private static func owner(_ host: UnsafePointer<vmcp_host>?, _ process: UInt64) -> InstanceHost? {
        guard let instance = HostTable.instance(of: host) else { return nil }
        return instance.ledger.contains(.process(process)) ? instance : nil
    }

    /// Nil when a text is not UTF-8.
    private static func translate(_ given: vmcp_process_spec) -> ProcessSpec? {
        var spec = ProcessSpec([])
        for argument in UnsafeBufferPointer(
            start: given.arguments, count: given.arguments == nil ? 0 : given.argument_count)
        {
            guard let text = argument.exactText else { return nil }
            spec.arguments.append(text)
        }
        guard let environment = PluginInput.fields(given.environment, given.environment_count),
            let directory = given.directory.exactText
        else { return nil }
        spec.environment = environment
        spec.directory = directory
        spec.isByLine = given.flags & UInt32(VMCP_PROCESS_LINES) != 0
        if given.max_line_bytes > 0 { spec.maxLineBytes = Int(clamping: min(given.max_line_bytes, 1 << 40)) }
        return spec
    }
}

/// A plugin's sink as the process service knows sinks.
///
/// `@unchecked`: the struct is a constant copy, and the service calls from one thread.
private struct PluginProcessSink: ProcessSink, @unchecked Sendable {
    let sink: vmcp_process_sink

    func output(_ stream: OutputStream, _ data: UnsafeRawBufferPointer) -> SinkAnswer {
        guard let function = sink.output else { return .stop }
        return SinkAnswer(abi: function(sink.context, stream.rawValue, vmcp_bytes(data)))
    }

    func exited(code: Int32, signal: Int32) { sink.exited?(sink.context, code, signal) }

    func drained() { sink.drained?(sink.context) }
}
