import NIOCore

/// The one deadline of a connection. Confined to its event loop.
///
/// A request moves it several times, mostly to later: then only a number changes, and the timer that is already set
/// looks at the number when it fires.
final class ConnectionDeadline {
    var expired: (() -> Void)?
    private var at: NIODeadline?
    private var timer: Scheduled<Void>?
    private var timerAt = NIODeadline.distantFuture

    func set(_ wait: Duration, on eventLoop: any EventLoop) {
        let deadline = NIODeadline.now() + TimeAmount(wait)
        at = deadline
        if timer == nil || deadline < timerAt { schedule(deadline, eventLoop) }
    }

    /// Sets it unless an earlier one is set.
    func shorten(_ wait: Duration, on eventLoop: any EventLoop) {
        if let at, at <= NIODeadline.now() + TimeAmount(wait) { return }
        set(wait, on: eventLoop)
    }

    func clear() { at = nil }

    func end() {
        at = nil
        expired = nil
        timer?.cancel()
        timer = nil
    }

    private func schedule(_ deadline: NIODeadline, _ eventLoop: any EventLoop) {
        timer?.cancel()
        timerAt = deadline
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(deadline: deadline) { bound.value.fire(eventLoop) }
    }

    private func fire(_ eventLoop: any EventLoop) {
        timer = nil
        guard let at else { return }
        if at <= NIODeadline.now() {
            self.at = nil
            expired?()
        } else {
            schedule(at, eventLoop)
        }
    }
}
