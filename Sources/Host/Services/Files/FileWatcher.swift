import CPosix
import Glibc
import Synchronization

/// Tells when files or folders change: written in place, replaced by a rename, deleted and made again, or reached through
/// symbolic links that lead elsewhere now.
///
/// It watches folders (inotify), so that what takes a file's place is seen too. A burst of changes is told once.
package final class FileWatcher: Sendable {
    /// A watch to be ended with ``FileWatcher/end(_:)``.
    package struct Watch: Sendable, Hashable { fileprivate let number: UInt64 }

    private struct Interest {
        let paths: [String]
        let changed: @Sendable () -> Void
        var trail: FileTrail
        var settling: Settling
        /// The loop's number of the alarm that ends the burst.
        var alarm: UInt64?
    }

    private struct State {
        var interests: [UInt64: Interest] = [:]
        var next: UInt64 = 1
        /// The physical paths behind the kernel's numbers. One folder may have several, through bind mounts.
        var folders: [Int32: Set<String>] = [:]
    }

    private let loop: EventLoop
    private let inotify: Int32
    private let quiet: UInt64
    private let state = Mutex(State())

    /// Starts the thread.
    /// - Parameter quiet: Milliseconds of silence that end a burst of changes; ten times as long at most is waited for it.
    ///   Default 100.
    /// - Throws: ``SystemError`` when the kernel has no descriptor, thread or inotify instance left.
    package init(quiet: UInt64 = 100) throws(SystemError) {
        self.quiet = quiet
        inotify = cposix_inotify()
        guard inotify >= 0 else { throw SystemError("inotify_init1", errno) }
        do throws(SystemError) { loop = try EventLoop(name: "vmcp-files") } catch {
            close(inotify)
            throw error
        }
        loop.submit { [weak self] in self?.listen() }
    }

    deinit { close(inotify) }

    /// Calls `changed` after each burst of changes of what the paths lead to, on a thread of its own: it must not block.
    ///
    /// What is read after this has returned is not older than what will be told of.
    /// - Parameter paths: Of files, or of folders whose entries matter, one level deep. They need not exist. A relative one
    ///   starts at the working folder of now.
    package func watch(_ paths: [String], changed: @escaping @Sendable () -> Void) -> Watch {
        let paths = paths.map(Self.absolute)
        return state.withLock { state in
            let number = state.next
            state.next += 1
            state.interests[number] = Interest(
                paths: paths, changed: changed, trail: FileTrail([]),
                settling: Settling(quiet: quiet, longest: quiet * 10))
            follow(&state)
            return Watch(number: number)
        }
    }

    /// Ends a watch; again is fine. Its function is not called any more, but may be running.
    package func end(_ watch: Watch) {
        let alarm = state.withLock { state in
            let former = state.interests.removeValue(forKey: watch.number)
            follow(&state)
            return former?.alarm
        }
        if let alarm { loop.submit { [loop] in loop.cancel(alarm) } }
    }

    /// Ends all watches and the thread.
    package func shutDown() async {
        state.withLock { $0.interests = [:] }
        await loop.stop()
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }

    // MARK: - Folders

    /// Watches the folders of all trails, and no others.
    private func follow(_ state: inout State) {
        // What is found may be something else by the time it is watched: until both are the same.
        for _ in 0..<5 {
            for number in state.interests.keys {
                guard let paths = state.interests[number]?.paths else { continue }
                state.interests[number]?.trail = FileTrail(paths)
            }
            install(&state)
            if state.interests.values.allSatisfy({ $0.trail == FileTrail($0.paths) }) { return }
        }
    }

    private func install(_ state: inout State) {
        var wanted: [String: Bool] = [:]
        for interest in state.interests.values {
            for (folder, entries) in interest.trail.folders {
                wanted[folder, default: false] = wanted[folder] == true || entries != .named([])
            }
        }
        var folders: [Int32: Set<String>] = [:]
        // Those of which entries matter last: the same folder under another path must not lose them.
        for (folder, entries) in wanted.sorted(by: { !$0.value && $1.value }) {
            let watch = cposix_inotify_add(inotify, folder, entries ? 1 : 0)
            // Gone meanwhile, or not ours to look into: what is above it is watched.
            if watch >= 0 { folders[watch, default: []].insert(folder) }
        }
        for watch in state.folders.keys where folders[watch] == nil { cposix_inotify_remove(inotify, watch) }
        state.folders = folders
    }

    // MARK: - Changes, on the loop's thread

    private func listen() {
        do throws(SystemError) {
            // Ends with the loop.
            _ = try loop.watch(inotify, for: Int(CPOSIX_READABLE)) { [weak self] _ in self?.read() }
        } catch {
            assertionFailure("\(error)")
        }
    }

    private func read() {
        var events = [cposix_file_event](repeating: cposix_file_event(), count: 256)
        while true {
            let count = Int(cposix_inotify_read(inotify, &events, 256))
            guard count > 0 else { return }
            for event in events[..<count] { take(event) }
        }
    }

    private func take(_ event: cposix_file_event) {
        let name = withUnsafeBytes(of: event.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let now = MonotonicInstant.now
        state.withLock { state in
            let folders = state.folders[event.watch] ?? []
            for (number, interest) in state.interests where Self.concerns(event.what, name, folders, interest.trail) {
                if let former = interest.alarm { loop.cancel(former) }
                let due = state.interests[number]?.settling.changed(now: now.milliseconds) ?? 0
                let delay = due - min(due, now.milliseconds)
                state.interests[number]?.alarm = loop.schedule(at: now.advanced(byMilliseconds: delay)) {
                    [weak self] in self?.settled(number)
                }
            }
        }
    }

    private static func concerns(_ what: UInt32, _ name: String, _ folders: Set<String>, _ trail: FileTrail) -> Bool {
        if what == UInt32(CPOSIX_FILE_DROPPED) { return true }
        return folders.contains { folder in
            guard let entries = trail.folders[folder] else { return false }
            return what == UInt32(CPOSIX_FILE_FOLDER) || entries.contains(name)
        }
    }

    private func settled(_ number: UInt64) {
        let changed = state.withLock { state in
            state.interests[number]?.alarm = nil
            state.interests[number]?.settling.settled()
            // Before it is read, so that what changes afterwards is told again.
            follow(&state)
            return state.interests[number]?.changed
        }
        changed?()
    }
}
