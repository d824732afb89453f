import Foundation

/// What /proc says of other processes.
enum ProcessTable {
    /// The processes below one, at any depth.
    static func descendants(of root: Int32) throws -> Set<Int32> {
        var children: [Int32: [Int32]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let process = Int32(name), let parent = parent(of: process) else { continue }
            children[parent, default: []].append(process)
        }
        var found: Set<Int32> = []
        var waiting = [root]
        while let next = waiting.popLast() {
            for child in children[next] ?? [] where found.insert(child).inserted { waiting.append(child) }
        }
        return found
    }

    /// Whether it is there and not a zombie.
    static func isAlive(_ process: Int32) -> Bool {
        guard let state = status(process)["State"] else { return false }
        return !state.hasPrefix("Z") && !state.hasPrefix("X")
    }

    static func descriptorCount(of process: Int32) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
    }

    /// Kibibytes of memory that are resident.
    static func residentMemory(of process: Int32) throws -> Int {
        guard let value = status(process)["VmRSS"]?.split(separator: " ").first, let size = Int(value) else {
            throw TestFailure("process \(process) has no VmRSS: it has ended")
        }
        return size
    }

    private static func parent(of process: Int32) -> Int32? { status(process)["PPid"].flatMap { Int32($0) } }

    /// Empty when there is no such process (any more).
    private static func status(_ process: Int32) -> [String: String] {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/status") else { return [:] }
        var fields: [String: String] = [:]
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return fields
    }
}
