import PluginAPI

/// A plugin's table after the handshake: our own copy, with the strings read.
///
/// `@unchecked Sendable`: the copy is constant, and what it points to is constant data of an image that is never
/// unloaded (vmcp_plugin.h, `vmcp_plugin`).
struct PluginTable: @unchecked Sendable {
    let functions: vmcp_plugin
    let id: String
    let version: String
    let provides: [String]
    /// JSON Schema of `spec`, if the plugin has one.
    let configSchema: String?
    /// The size that the plugin was compiled with.
    let size: Int

    var isBlocking: Bool { functions.flags & UInt32(VMCP_PLUGIN_BLOCKING) != 0 }
    var abi: String { "\(functions.abi_major).\(functions.abi_minor)" }

    /// Checks a table, in the order of the handshake; the first failure is thrown.
    ///
    /// Nothing after `struct_size` is read before magic, major and size fit.
    init(_ pointer: UnsafePointer<vmcp_plugin>, path: String) throws(PluginLoadError) {
        func refuse(
            _ reason: PluginLoadError.Reason, _ expected: String, _ found: String, _ advice: String
        ) -> PluginLoadError {
            PluginLoadError(reason, path: path, expected: expected, found: found, advice: advice)
        }
        let raw = UnsafeRawPointer(pointer)
        let magic = raw.loadUnaligned(as: UInt32.self)
        guard magic == UInt32(VMCP_ABI_MAGIC) else {
            throw refuse(
                .wrongMagic, "magic 0x\(String(VMCP_ABI_MAGIC, radix: 16))", "0x\(String(magic, radix: 16))",
                "set vmcp_plugin.magic to VMCP_ABI_MAGIC")
        }
        let major = raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
        guard major == UInt16(VMCP_ABI_MAJOR) else {
            throw refuse(
                .wrongMajor, "ABI major \(VMCP_ABI_MAJOR)", "\(major)",
                "rebuild the plugin against the headers of this gateway, or use a gateway of its ABI")
        }
        let size = Int(raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        let minimum = Int(VMCP_PLUGIN_SIZE_1_0)
        guard let table = CTable.copy(raw, sizeAt: 4, minimum: minimum, as: vmcp_plugin.self) else {
            throw refuse(
                .tableTooSmall, "struct_size of at least \(minimum)", "\(size)",
                "set vmcp_plugin.struct_size to sizeof(vmcp_plugin)")
        }
        let required: [(String, Bool)] = [
            ("create", table.create != nil), ("capability", table.capability != nil),
            ("destroy", table.destroy != nil),
        ]
        let missing = required.filter { !$0.1 }.map(\.0)
        guard missing.isEmpty else {
            throw refuse(
                .missingFunction, "the functions create, capability and destroy",
                "NULL for \(missing.joined(separator: ", "))", "implement what is missing")
        }
        guard let id = Self.text(table.id), let version = Self.text(table.version) else {
            throw refuse(
                .badTable, "id and version as UTF-8 text of at most 256 bytes", "NULL or something else",
                "set vmcp_plugin.id and vmcp_plugin.version")
        }
        guard let provides = Self.list(table.provides), !provides.isEmpty else {
            throw refuse(
                .badTable, "provides with 1 to 64 capability ids and NULL at its end", "none",
                "list the capabilities in vmcp_plugin.provides")
        }
        functions = table
        self.id = id
        self.version = version
        self.provides = provides
        self.size = size
        configSchema = table.config_schema.map { String(cString: $0) }
    }

    /// Checks that the library is the one that its manifest describes.
    func check(against manifest: PluginManifest, path: String) throws(PluginLoadError) {
        func refuse(_ reason: PluginLoadError.Reason, _ expected: String, _ found: String) -> PluginLoadError {
            PluginLoadError(
                reason, path: path, expected: "\(expected), as \(manifest.path) says", found: found,
                advice: "make manifest and library agree, or install the library that belongs to the manifest")
        }
        if id != manifest.id { throw refuse(.wrongID, "id \(manifest.id)", id) }
        if version != manifest.version { throw refuse(.wrongVersion, "version \(manifest.version)", version) }
        if Set(provides) != Set(manifest.provides) || provides.count != manifest.provides.count {
            throw refuse(
                .wrongProvides, "capabilities \(manifest.provides.sorted().joined(separator: ", "))",
                provides.sorted().joined(separator: ", "))
        }
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer, let text = String(validatingCString: pointer) else { return nil }
        return text.isEmpty || text.utf8.count > 256 ? nil : text
    }

    /// A list without its end would run through memory: 64 entries are enough for anybody.
    private static func list(_ pointer: UnsafePointer<UnsafePointer<CChar>?>?) -> [String]? {
        guard let pointer else { return nil }
        var entries: [String] = []
        for index in 0...64 {
            guard let entry = pointer[index] else { return entries }
            guard let entry = text(entry) else { return nil }
            entries.append(entry)
        }
        return nil
    }
}
