import Foundation

/// Secrets that are mounted as folders with a file for each key (Kubernetes, Secret volumes): `FOLDER/NAME/KEY`.
struct SecretFolders {
    /// The variable that names the folders, separated by `:`.
    static let variable = "VMCP_SECRET_PATH"

    private let folders: [String]

    init(environment: [String: String]) {
        folders = (environment[Self.variable] ?? "").split(separator: ":").map(String.init)
    }

    /// A key of a mounted Secret; `nil` when none of this name is mounted.
    func secret(_ name: String, _ key: String) -> ReferenceResolution.Lookup? {
        guard Self.isPlain(name) else { return nil }
        for folder in folders {
            let place = URL(fileURLWithPath: folder).appendingPathComponent(name).standardizedFileURL.path
            let entries: [String]
            do { entries = try FileManager.default.contentsOfDirectory(atPath: place) } catch { continue }
            // `..data` and its like are how a volume changes all files at once.
            let keys = entries.filter(Self.isPlain).sorted()
            guard keys.contains(key) else { return .missingKey(known: keys) }
            do throws(SecretFile.Unusable) { return .found(.secret(try SecretFile.read("\(place)/\(key)"))) } catch {
                return .unreadable("\(place)/\(key) \(error)")
            }
        }
        return nil
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && !name.contains("/") && !name.hasPrefix("..") && name != "."
    }
}
