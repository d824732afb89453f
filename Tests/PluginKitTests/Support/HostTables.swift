import PluginAPI
import Synchronization

/// The C tables of a ``TestHost``.
final class HostTables: @unchecked Sendable {
    // Written in init, read by the plugins under test, freed with the host.
    let host = UnsafeMutablePointer<vmcp_host>.allocate(capacity: 1)

    init() {
        host.initialize(to: vmcp_host())
        host.pointee.struct_size = UInt32(MemoryLayout<vmcp_host>.size)
        host.pointee.abi_major = UInt16(VMCP_ABI_MAJOR)
        host.pointee.service = { _, id in
            guard let id else { return nil }
            return HostTables.services.table(String(cString: id))
        }
    }

    deinit { host.deallocate() }

    fileprivate static let services = Services()

    /// Writes a text to the room that was lent for it.
    fileprivate static func fill(_ room: UnsafeMutablePointer<vmcp_text>, _ value: String) -> vmcp_status {
        room.pointee.size = value.utf8.count
        guard value.utf8.count <= room.pointee.capacity else { return vmcp_status(VMCP_EXHAUSTED) }
        for (index, byte) in value.utf8.enumerated() { room.pointee.data[index] = CChar(bitPattern: byte) }
        return vmcp_status(VMCP_OK)
    }

    fileprivate final class Services: @unchecked Sendable {
        // Written in init, for the life of the process.
        private var tables: [String: UnsafeRawPointer] = [:]

        func table(_ id: String) -> UnsafeRawPointer? { tables[id] }

        private func add<Table>(_ id: String, _ table: Table, _ fill: (inout Table) -> Void) {
            let pointer = UnsafeMutablePointer<Table>.allocate(capacity: 1)
            pointer.initialize(to: table)
            UnsafeMutableRawPointer(pointer).storeBytes(of: UInt32(MemoryLayout<Table>.size), as: UInt32.self)
            fill(&pointer.pointee)
            tables[id] = UnsafeRawPointer(pointer)
        }

        init() {
            add(VMCP_LOG, vmcp_log()) { log in
                log.write = { host, level, message, fields, count in
                    let data = pairs(fields, count).map { " \($0.0)=\($0.1)" }.joined()
                    TestHost.of(host).recorded.withLock { $0.lines.append("\(level) \(message.string)\(data)") }
                }
            }
            add(VMCP_STATE, vmcp_state()) { state in
                state.set = { host, state, reason in
                    TestHost.of(host).recorded.withLock { $0.states.append("\(state) \(reason.string)") }
                }
            }
            add(VMCP_METRICS, vmcp_metrics()) { metrics in
                metrics.record = { host, kind, name, value, _, _ in
                    TestHost.of(host).recorded.withLock { $0.metrics.append("\(kind) \(name.string) \(value)") }
                }
            }
            addTimer()
            addSecrets()
            addIdentity()
            addHTTP()
            addProcess()
        }

        /// Identity 1 is known by its token, and by what upstream providers issued to it (`PROVIDER/KIND`).
        private func addIdentity() {
            add(VMCP_IDENTITY, vmcp_identity()) { identity in
                identity.claims = { host, number, room in
                    let claims = TestHost.of(host).recorded.withLock { $0.claims }
                    guard let room, number == 1 else { return vmcp_status(VMCP_NOT_FOUND) }
                    return HostTables.fill(room, claims)
                }
                identity.token = { host, number, room in
                    let token = TestHost.of(host).recorded.withLock { $0.token }
                    guard let room, number == 1 else { return vmcp_status(VMCP_NOT_FOUND) }
                    return HostTables.fill(room, token)
                }
                identity.upstream_token = { host, number, provider, kind, context, done in
                    let name = "\(provider.string)/\(kind.string)"
                    let token = TestHost.of(host).recorded.withLock { $0.upstream[name] }
                    var outcome = vmcp_outcome()
                    outcome.struct_size = UInt32(MemoryLayout<vmcp_outcome>.size)
                    outcome.status = vmcp_status(token == nil ? VMCP_NOT_FOUND : VMCP_OK)
                    lend(token ?? "") { done?(context, &outcome, $0) }
                }
            }
        }

        private func addTimer() {
            add(VMCP_TIMER, vmcp_timer()) { timer in
                timer.now_ms = { TestHost.of($0).recorded.withLock { $0.now } }
                timer.after = { host, delay, context, fired in
                    let host = TestHost.of(host)
                    let number = host.number()
                    guard let fired else { return number }
                    let pending = TestHost.TestTimer(due: host.now + delay, context: context, fired: fired)
                    host.recorded.withLock { $0.timers[number] = pending }
                    return number
                }
                timer.cancel = { host, number in
                    TestHost.of(host).recorded.withLock { $0.timers.removeValue(forKey: number) == nil ? 0 : 1 }
                }
            }
        }

        private func addSecrets() {
            add(VMCP_SECRETS, vmcp_secrets()) { secrets in
                secrets.get = { host, handle, room in
                    let name = handle.string
                    guard let room, let value = TestHost.of(host).recorded.withLock({ $0.secrets[name] }) else {
                        return vmcp_status(VMCP_NOT_FOUND)
                    }
                    return HostTables.fill(room, value)
                }
                secrets.watch = { host, handle, context, changed in
                    let name = handle.string
                    let host = TestHost.of(host)
                    let number = host.number()
                    guard let changed else { return 0 }
                    let watch = TestHost.TestTimer(context: context, fired: changed)
                    return host.recorded.withLock { recorded in
                        guard recorded.secrets[name] != nil else { return 0 }
                        recorded.watches[number] = watch
                        return number
                    }
                }
                secrets.unwatch = { host, number in
                    TestHost.of(host).recorded.withLock { $0.watches[number] = nil }
                }
            }
        }

        private func addHTTP() {
            add(VMCP_HTTP, vmcp_http()) { http in
                http.request = { host, request, sink in
                    guard let request, let sink else { return 0 }
                    let host = TestHost.of(host)
                    let number = host.number()
                    let exchange = TestExchange(request.pointee, sink.pointee)
                    host.recorded.withLock {
                        $0.exchanges[number] = exchange
                        $0.exchangeOrder.append(number)
                    }
                    return number
                }
                http.cancel = { host, number in
                    TestHost.of(host).recorded.withLock { $0.exchanges[number] }?.cancelled()
                }
                http.resume = { host, number in
                    TestHost.of(host).recorded.withLock { $0.exchanges[number] }?.resumed()
                }
            }
        }

        private func addProcess() {
            add(VMCP_PROCESS, vmcp_process()) { process in
                process.spawn = { host, specification, sink, error in
                    guard let specification, let sink else { return 0 }
                    let host = TestHost.of(host)
                    if let refusal = host.recorded.withLock({ $0.refuseSpawn }) {
                        for (index, byte) in refusal.utf8.enumerated() {
                            error?.pointee.data[index] = CChar(bitPattern: byte)
                        }
                        error?.pointee.size = refusal.utf8.count
                        return 0
                    }
                    let number = host.number()
                    let child = TestChild(specification.pointee, sink.pointee)
                    host.recorded.withLock {
                        $0.children[number] = child
                        $0.childOrder.append(number)
                    }
                    return number
                }
                process.write = { host, number, data in
                    let data = data.copied
                    return TestHost.of(host).recorded.withLock { $0.children[number] }?.wrote(data) ?? 2
                }
                process.resume = { host, number, stream in
                    TestHost.of(host).recorded.withLock { $0.children[number] }?.note("resume \(stream)")
                }
                process.close_input = { host, number in
                    TestHost.of(host).recorded.withLock { $0.children[number] }?.note("close")
                }
                process.stop = { host, number, grace in
                    TestHost.of(host).recorded.withLock { $0.children[number] }?.note("stop \(grace)")
                }
            }
        }
    }
}
