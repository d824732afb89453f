import Glibc

/// Holds a thread until it is opened; afterwards it is open for all.
final class WorkGate: @unchecked Sendable {
    // A semaphore may be used by any thread; it is made before any and destroyed after all.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func open() { sem_post(semaphore) }

    func wait() {
        while sem_wait(semaphore) != 0 {}
        sem_post(semaphore)
    }
}
