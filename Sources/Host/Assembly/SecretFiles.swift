import HostConfiguration
import HostServices
import Logging
import Synchronization

/// The secrets of a configuration in the store that plugins read them from; those of files are read again when the files
/// change.
final class SecretFiles: Sendable {
    private let store: SecretStore
    private let watcher: FileWatcher
    private let log: Logger
    private let watch = Mutex<FileWatcher.Watch?>(nil)

    init(_ hub: ServiceHub, log: Logger) {
        (store, watcher) = (hub.secrets, hub.files)
        self.log = log
    }

    /// Takes the secrets of a configuration, in the stead of those of the one before.
    /// - Parameter secrets: By handle.
    func take(_ secrets: [String: SecretValue]) {
        for (handle, secret) in secrets { store.set(handle, secret.bytes) }
        let files = secrets.compactMapValues(\.file)
        let next = files.isEmpty ? nil : watcher.watch(Set(files.values).sorted()) { [weak self] in self?.read(files) }
        let former = watch.withLock { watch in
            defer { watch = next }
            return watch
        }
        if let former { watcher.end(former) }
        // What changed since the configuration was read is told by nobody.
        read(files)
    }

    private func read(_ files: [String: String]) {
        for (path, handles) in Dictionary(grouping: files.keys, by: { files[$0] ?? "" }) {
            do throws(SecretFile.Unusable) {
                let secret = try SecretFile.read(path)
                let changed = handles.filter { store.value(of: $0) != secret.bytes }
                for handle in changed { store.set(handle, secret.bytes) }
                if !changed.isEmpty {
                    log.notice("A secret has changed and is used now", metadata: ["file": "\(path)"])
                }
            } catch {
                log.warning(
                    "A secret cannot be read again, the former one is used on",
                    metadata: ["file": "\(path)", "why": "\(error)"])
            }
        }
    }
}
