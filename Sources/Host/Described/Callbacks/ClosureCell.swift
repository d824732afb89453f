import CFFI
import Synchronization

/// A function pointer that C can call, and the run it belongs to at the moment.
///
/// Freed exactly once, in `deinit`; until then a call that comes too late finds no run and is counted.
/// `@unchecked Sendable`: the closure is written in init only, and the run is behind a lock.
final class ClosureCell: @unchecked Sendable {
    private let closure: vmcp_ffi_closure
    private let box: Unmanaged<Box>

    /// What the closure's code leads to. A class of its own, so that C holds no reference to the cell, which would then
    /// never go.
    private final class Box: Sendable {
        let site: CallbackLayout
        let run = Mutex<CallbackRun?>(nil)
        init(_ site: CallbackLayout) { self.site = site }
    }

    init(_ layout: CallbackLayout) throws(CallFailure) {
        box = Unmanaged.passRetained(Box(layout))
        closure = vmcp_ffi_closure_make(layout.interface.cif, Self.body, box.toOpaque())
        guard closure.writable != nil else {
            box.release()
            throw CallFailure(.exhausted, "the system gives no memory for callbacks (libffi needs executable memory)")
        }
        layout.count.made.add(1, ordering: .relaxed)
    }

    deinit {
        let count = box.takeUnretainedValue().site.count
        vmcp_ffi_closure_free(closure)
        box.release()
        count.freed.add(1, ordering: .relaxed)
    }

    /// The function pointer.
    var code: UnsafeMutableRawPointer { closure.code }
    /// What the library is given as context. The cell itself tells whose call it is; the context is checked only for
    /// being one of ours, and is no address that could be followed.
    var context: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(CallbackLayout.contextNumber)) }

    func begin(_ run: CallbackRun) { box.takeUnretainedValue().run.withLock { $0 = run } }

    func end() { box.takeUnretainedValue().run.withLock { $0 = nil } }

    private static let body:
        @convention(c) (
            UnsafeMutablePointer<ffi_cif>?, UnsafeMutableRawPointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
            UnsafeMutableRawPointer?
        ) -> Void = { _, answer, arguments, context in
            guard let context else { return }
            let box = Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
            let number: Int64
            if let run = box.run.withLock({ $0 }) {
                number = run.handle(box.site.read(arguments))
            } else {
                box.site.count.strays.add(1, ordering: .relaxed)
                number = box.site.callback.stop ?? box.site.callback.answer
            }
            // Small integers are returned as a whole word.
            if box.site.callback.returns != nil, let answer {
                if box.site.callback.returns?.size == 8 {
                    answer.storeBytes(of: number, as: Int64.self)
                } else {
                    answer.storeBytes(of: Int(truncatingIfNeeded: number), as: Int.self)
                }
            }
        }
}

/// Closures of a library, for those who watch it.
final class StrayCounter: Sendable {
    let made = Atomic<Int>(0)
    let freed = Atomic<Int>(0)
    /// Calls that came when nobody waited for them any more.
    let strays = Atomic<Int>(0)
}
