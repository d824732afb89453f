import Glibc

/// The folders whose changes can change what paths lead to: those that hold the files, and those that hold the symbolic
/// links on the way.
///
/// A Kubernetes volume replaces all its files at once by another target for the link `..data`, which the files' own links
/// lead through; whoever watches the files sees nothing of that.
struct FileTrail: Equatable {
    /// What matters of the entries of a folder.
    enum Entries: Equatable {
        case all
        case named(Set<String>)

        func contains(_ name: String) -> Bool {
            switch self {
            case .all: true
            case .named(let names): names.contains(name)
            }
        }
    }

    /// By physical path. Folders of which no entry matters are there because they may be moved or deleted themselves.
    private(set) var folders: [String: Entries] = [:]

    /// Most symbolic links on the way of one path, as the kernel has it.
    private static let mostLinks = 40

    /// - Parameter paths: Absolute, of files or folders that need not exist. Of a folder all entries matter, one level deep.
    init(_ paths: [String]) {
        for path in paths { follow(path, intoFolder: true) }
    }

    private mutating func follow(_ path: String, intoFolder: Bool) {
        var rest = path.split(separator: "/")[...].map(String.init)[...]
        var folder = "/"
        var links = 0
        note(folder)
        while let name = rest.popFirst() {
            if name == "." { continue }
            if name == ".." {
                folder = Self.parent(of: folder)
                continue
            }
            let full = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
            switch Self.kind(of: full) {
            case S_IFLNK:
                note(folder, name)
                links += 1
                guard links <= Self.mostLinks, let target = Self.target(of: full) else { return }
                if target.hasPrefix("/") { folder = "/" }
                rest = target.split(separator: "/").map(String.init) + rest
            case S_IFDIR:
                if rest.isEmpty { note(folder, name) }
                folder = full
                note(folder)
            default:
                return note(folder, name)
            }
        }
        guard intoFolder else { return }
        folders[folder] = .all
        for entry in Self.links(in: folder) { follow("\(folder)/\(entry)", intoFolder: false) }
    }

    private mutating func note(_ folder: String, _ name: String? = nil) {
        switch folders[folder] {
        case .all: break
        case .named(let names): folders[folder] = .named(name.map { names.union([$0]) } ?? names)
        case nil: folders[folder] = .named(name.map { [$0] } ?? [])
        }
    }

    // MARK: - The file system

    /// `S_IFLNK` and so on; `nil` when there is nothing, or nothing that we may see.
    private static func kind(of path: String) -> mode_t? {
        var entry = stat()
        return lstat(path, &entry) == 0 ? entry.st_mode & S_IFMT : nil
    }

    private static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    private static func parent(of folder: String) -> String {
        let end = folder.lastIndex(of: "/") ?? folder.startIndex
        return end == folder.startIndex ? "/" : String(folder[..<end])
    }

    /// Names of the symbolic links in a folder.
    private static func links(in folder: String) -> [String] {
        guard let entries = opendir(folder) else { return [] }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let type = Int(entry.pointee.d_type)
            guard type == Int(DT_LNK) || type == Int(DT_UNKNOWN) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if kind(of: "\(folder)/\(name)") == S_IFLNK { names.append(name) }
        }
        return names.sorted()
    }
}
