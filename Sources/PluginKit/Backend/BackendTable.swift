import PluginAPI

extension vmcp_backend {
    /// The table of a backend written in Swift.
    init(exporting backend: any BackendPlugin) {
        self.init()
        struct_size = UInt32(MemoryLayout<Self>.size)
        traits = backend.traits.rawValue
        open = { instance, session, parameters, sink, call in
            guard let (backend, call) = InstanceBox.backend(instance, call) else { return }
            guard let parameters, let sink else {
                call.resolve(Outcome(.internalError, "open: the host passed no parameters or no sink"))
                return
            }
            let known = copyOfTable(parameters, as: vmcp_session_params())
            backend.open(
                session,
                parameters: SessionParameters(
                    isShared: known.flags & UInt32(VMCP_SESSION_SHARED) != 0, identity: known.identity,
                    headers: copy(known.headers, known.header_count)),
                sink: SessionSink(sink), call: call)
        }
        send = { instance, session, message, call in
            guard let (backend, call) = InstanceBox.backend(instance, call) else { return }
            backend.send(session, message: message.buffer.bytes, call: call)
        }
        if backend.listens {
            listen = { instance, session, call in
                guard let (backend, call) = InstanceBox.backend(instance, call) else { return }
                backend.listen(session, call: call)
            }
        }
        close = { instance, session, call in
            guard let (backend, call) = InstanceBox.backend(instance, call) else { return }
            backend.close(session, call: call)
        }
        resume_session = { instance, session in
            InstanceBox.borrowed(instance)?.backend?.resumeSession(session)
        }
    }
}

extension InstanceBox {
    fileprivate static func backend(
        _ instance: UnsafeMutableRawPointer?, _ call: UnsafePointer<vmcp_call>?
    ) -> (any BackendPlugin, Call)? {
        guard let box = borrowed(instance), let backend = box.backend, let call = box.call(call) else { return nil }
        return (backend, call)
    }
}
