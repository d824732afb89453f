// The time of exchanges: each may have one in which it must be complete, and one for which it may be silent.
extension TransferThread {
    /// The connection is there and the request about to leave.
    func began(_ transfer: HTTPTransfer) { watchSilence(of: transfer) }

    /// Counts the silence of a transfer from now on, or again.
    func watchSilence(of transfer: HTTPTransfer) {
        transfer.watchesSilence = true
        if let silent = transfer.silentDue { look(at: silent) }
    }

    /// Sees to it that the transfers are looked at by then. There is one timer for all: one each would cost more than
    /// anything else that is done for a transfer here, and hardly any expires.
    func look(at due: MonotonicInstant) {
        if timer != 0, lookAt <= due { return }
        loop.cancel(timer)
        lookAt = due
        timer = loop.schedule(at: due) { [unowned self] in
            timer = 0
            checkTimes()
        }
    }

    private func checkTimes() {
        let now = MonotonicInstant.now
        for transfer in Array(transfers.values) {
            if let due = transfer.due, due <= now {
                finish(transfer, transfer.expiry("not complete within \(transfer.request.totalTimeout) ms"))
            } else if let due = transfer.silentDue, due <= now, transfer.isSilent(now: now) {
                finish(transfer, transfer.expiry("silent for \(transfer.request.idleTimeout) ms"))
            }
        }
        for transfer in transfers.values {
            if let due = transfer.due { look(at: due) }
            if let due = transfer.silentDue { look(at: due) }
        }
    }
}
