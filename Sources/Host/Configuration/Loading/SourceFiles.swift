import Foundation

/// Finds and reads the files behind the paths of `--config`.
struct SourceFiles {
    /// The largest file that is read, in bytes.
    static let sizeLimit = 16 << 20
    /// Lies beside a document and configures the authorization server; it is no resource.
    static let authServerFile = "authserver-config.yaml"
    static let extensions = ["yaml", "yml", "json"]

    let log: DiagnosticLog

    /// The documents of all files, in the order of the paths; a file that is named twice is read once.
    func documents(at paths: [String]) -> [Located] {
        if paths.isEmpty {
            log.error(file: "--config", "expected a file or a folder, found none; name one with --config")
        }
        var seen = Set<String>()
        return paths.flatMap(files).filter {
            seen.insert(URL(fileURLWithPath: $0).resolvingSymlinksInPath().path).inserted
        }
        .flatMap { path -> [Located] in
            guard let text = text(of: path) else { return [] }
            return DocumentReader(file: path, log: log).documents(in: text)
        }
    }

    private func files(of path: String) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            log.error(file: path, "expected a file or a folder, found nothing there; check the path")
            return []
        }
        guard isFolder.boolValue else { return [path] }
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter { name in
                !name.hasPrefix(".") && name != Self.authServerFile
                    && Self.extensions.contains((name as NSString).pathExtension.lowercased())
            }
            let files = names.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }.filter { file in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) && !isFolder.boolValue
            }
            if files.isEmpty {
                log.error(
                    file: path, "expected *.yaml, *.yml or *.json in the folder, found none; sub-folders are not read")
            }
            return files
        } catch {
            log.error(file: path, "expected a readable folder, found \(Self.reason(error)); check its permissions")
            return []
        }
    }

    private func text(of path: String) -> String? {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { handle.closeFile() }
            let data = try handle.read(upToCount: Self.sizeLimit + 1) ?? Data()
            guard data.count <= Self.sizeLimit else {
                log.error(
                    file: path, "expected at most \(Self.sizeLimit >> 20) MiB, found more; this is no configuration")
                return nil
            }
            guard let text = String(validating: data, as: UTF8.self) else {
                log.error(file: path, "expected UTF-8, found other bytes; save the file as UTF-8")
                return nil
            }
            return text
        } catch {
            log.error(file: path, "expected a readable file, found \(Self.reason(error)); check its permissions")
            return nil
        }
    }

    private static func reason(_ error: any Error) -> String {
        ((error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error)?.localizedDescription
            ?? error.localizedDescription
    }
}
