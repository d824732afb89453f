import Glibc

/// Finds the file of a program, as `execvp` would, but before anything is started, so that the reason can be told.
enum ProgramPath {
    /// - Parameters:
    ///   - program: A path, absolute or relative to `directory`, or a name.
    ///   - searchPath: The child's PATH, nil when it has none.
    /// - Throws: ``ProcessSpawnError`` that says what was looked for and where.
    static func resolve(
        _ program: String, searchPath: String?, directory: String
    ) throws(ProcessSpawnError) -> String {
        guard !program.isEmpty else { throw ProcessSpawnError("no program is given: the first argument is empty") }
        if program.utf8.contains(0x2F) {
            let path = absolute(program, directory)
            switch look(path) {
            case .executable: return path
            case .directory: throw ProcessSpawnError("\(path) is a directory, not a program")
            case .notExecutable: throw ProcessSpawnError("\(path) is not executable: \(SystemError.text(of: EACCES))")
            case .failed(let code): throw ProcessSpawnError("\(path): \(SystemError.text(of: code))")
            }
        }
        let folders = (searchPath ?? "/usr/local/bin:/usr/bin:/bin").split(
            separator: ":", omittingEmptySubsequences: false)
        var refused: String?
        for folder in folders {
            let path = absolute("\(folder.isEmpty ? "." : folder)/\(program)", directory)
            switch look(path) {
            case .executable: return path
            case .notExecutable: refused = refused ?? path
            case .directory, .failed: break
            }
        }
        if let refused { throw ProcessSpawnError("\(refused) is not executable: \(SystemError.text(of: EACCES))") }
        throw ProcessSpawnError(
            "the program \(program) is in none of the folders of PATH (\(folders.joined(separator: ":")))")
    }

    /// - Throws: ``ProcessSpawnError`` when a working directory cannot be one.
    static func check(directory: String) throws(ProcessSpawnError) {
        if directory.isEmpty { return }
        switch look(directory) {
        case .directory: return
        case .failed(let code):
            throw ProcessSpawnError("the working directory \(directory): \(SystemError.text(of: code))")
        case .executable, .notExecutable:
            throw ProcessSpawnError("the working directory \(directory) is not a directory")
        }
    }

    private enum Found { case executable, notExecutable, directory, failed(Int32) }

    private static func look(_ path: String) -> Found {
        var status = stat()
        guard stat(path, &status) == 0 else { return .failed(errno) }
        if status.st_mode & S_IFMT == S_IFDIR { return .directory }
        return access(path, X_OK) == 0 ? .executable : .notExecutable
    }

    private static func absolute(_ path: String, _ directory: String) -> String {
        path.hasPrefix("/") || directory.isEmpty ? path : "\(directory)/\(path)"
    }
}
