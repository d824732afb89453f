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
    /// Serves until the gateway is gone, then ends the process at once, whatever the library is doing.
    ///
    /// The gateway's socket is the standard input, which the library must not read from.
    package static func run() -> Never {
        // Closed in what the library starts: the gateway sees the end of this process by it.
        let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, null >= 0, dup2(null, STDIN_FILENO) >= 0 else { _exit(2) }
        close(null)
        let socket = FrameSocket(descriptor)
        guard let first = socket.receive(), case .load(let text, let path)? = ChildRequest(frame: first) else {
            _exit(2)
        }
        let library: LoadedLibrary
        do throws(DescriptionError) {
            library = try LoadedLibrary(
                try LibraryDescription(parsing: text), at: path,
                onEvent: { _ = socket.write(ChildReply.event(callback: $0, $1).frame) },
                onEntry: { _ = socket.write(ChildReply.entered($0).frame) })
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
        case .close(let id, let instance):
            library.close(instance)
            reply = .closed(id: id)
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
        let strays = library.takeStrays()
        if strays > 0 { _ = socket.write(ChildReply.strays(strays).frame) }
        _ = socket.write(reply.frame)
    }
}
