import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The child's side: binds the one library that it is told, and makes the calls that it is told.
package enum ChildServer {
    /// The gateway's socket.
    static let descriptor: Int32 = 3

    /// Serves until the gateway is gone, then ends the process at once, whatever the library is doing.
    package static func run() -> Never {
        let socket = FrameSocket(descriptor)
        guard let first = socket.receive(), case .load(let text, let path)? = ChildRequest(frame: first) else {
            _exit(2)
        }
        let library: LoadedLibrary
        do throws(DescriptionError) {
            library = try LoadedLibrary(try LibraryDescription(parsing: text), at: path) { callback, value in
                _ = socket.write(ChildReply.event(callback: callback, value).frame)
            }
        } catch {
            _ = socket.write(ChildReply.loaded(error.problems).frame)
            _exit(1)
        }
        _ = socket.write(ChildReply.loaded([]).frame)
        // The gateway's own pool bounds how many there are.
        let calls = DispatchQueue(label: "vmcp-library", attributes: .concurrent)
        while let frame = socket.receive() {
            guard let request = ChildRequest(frame: frame) else { _exit(2) }
            calls.async { serve(request, library, socket) }
        }
        _exit(0)
    }

    private static func serve(_ request: ChildRequest, _ library: LoadedLibrary, _ socket: FrameSocket) {
        let reply: ChildReply
        switch request {
        case .load: return
        case .close(let instance): return library.close(instance)
        case .open(let id, let values):
            do throws(CallFailure) {
                reply = .opened(id: id, instance: try library.open(values))
            } catch {
                reply = .failure(id: id, error)
            }
        case .call(let id, let instance, let function, let arguments, let dimensions):
            do throws(CallFailure) {
                reply = .answer(
                    id: id, try library.call(instance, function, arguments, CallTerms(dimensions: dimensions)))
            } catch {
                reply = .failure(id: id, error)
            }
        }
        _ = socket.write(reply.frame)
    }
}
