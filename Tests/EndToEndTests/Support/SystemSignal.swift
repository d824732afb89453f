import Glibc

/// Signals to processes that a test did not start itself.
enum SystemSignal {
    static func kill(_ process: Int32) { _ = Glibc.kill(process, SIGKILL) }
}
