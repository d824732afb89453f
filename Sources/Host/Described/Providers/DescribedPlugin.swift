import CFFI
package import PluginAPI
import PluginKit

/// Presents a described library as a plugin: with the same table that a compiled one exports, so that the rest of the host
/// knows no difference.
package enum DescribedPlugin {
    /// Makes the table; it lives as long as the process, as that of every plugin.
    ///
    /// The ABI's `create` has no context that could say whose it is, so each description gets a `create` of its own: a
    /// closure.
    /// - Throws: When the system gives no memory for the closure.
    package static func table(
        _ description: LibraryDescription, runner: any LibraryRunner
    ) throws(DescriptionError) -> UnsafePointer<vmcp_plugin> {
        let definition = PluginDefinition(
            id: description.id, version: description.version,
            provides: description.provides.map(Capability.init(rawValue:)),
            configSchema: String(decoding: configSchema(description).json, as: UTF8.self), flags: .blocking
        ) { configuration, services throws(PluginError) in
            try instance(of: description, runner, configuration, services)
        }
        let maker = Maker(definition)
        let closure: vmcp_ffi_closure
        do throws(CallFailure) {
            closure = try maker.closure()
        } catch {
            throw DescriptionError([DescriptionProblem(.notCallable, at: nil, path: "", error.message)])
        }
        return Plugin.makeTable(definition, create: unsafeBitCast(closure.code, to: Plugin.Create.self))
    }

    private static func instance(
        of description: LibraryDescription, _ runner: any LibraryRunner, _ configuration: PluginConfiguration,
        _ services: HostServices
    ) throws(PluginError) -> any PluginInstance {
        let core = try DescribedCore(description, runner, configuration, services)
        let made: (any PluginInstance)? =
            switch description.provides.first {
            case Capability.backend.rawValue: DescribedBackend(core)
            case Capability.auth.rawValue: DescribedAuth(core, services)
            case Capability.embedding.rawValue: DescribedEmbedding(core)
            default: nil
            }
        guard let made else { throw PluginError(.unsupported, "\(description.id) provides nothing that can be made") }
        return made
    }

    /// JSON Schema of `spec`: the settings of the description, and what resources of a kind may have besides.
    static func configSchema(_ description: LibraryDescription) -> JSONValue {
        var properties: [JSONValue.Member] = [.init("groupRef", ["type": "object"])]
        var required: [JSONValue] = []
        for field in description.configuration {
            let name = field.kind == .secret ? "\(field.name)SecretRef" : field.name
            var schema: [JSONValue.Member] = [
                .init("type", .string(field.kind == .secret ? "object" : field.kind.rawValue))
            ]
            if field.kind == .secret {
                schema += [
                    .init("properties", ["name": ["type": "string"], "key": ["type": "string"]]),
                    .init("required", ["name", "key"]), .init("additionalProperties", false),
                ]
            }
            if !field.description.isEmpty { schema.append(.init("description", .string(field.description))) }
            properties.append(.init(name, .object(schema)))
            if field.defaultValue == nil { required.append(.string(name)) }
        }
        // A provider of vectors gets the whole section of the optimizer.
        let isOpen = description.provides.contains(Capability.embedding.rawValue)
        return .object([
            .init("type", "object"), .init("properties", .object(properties)), .init("required", .array(required)),
            .init("additionalProperties", .bool(isOpen)),
        ])
    }

    /// What stands behind one `create`; kept for ever, as the table is.
    private final class Maker: Sendable {
        let definition: PluginDefinition
        init(_ definition: PluginDefinition) { self.definition = definition }

        func closure() throws(CallFailure) -> vmcp_ffi_closure {
            func plain(_ base: DescribedType.Base, byValue: Bool = false) -> DescribedType {
                DescribedType(direction: .input, base: base, count: nil, isByValue: byValue, isNullable: false)
            }
            var bytes = StructDescription(name: "vmcp_bytes", fields: [])
            bytes.add("data", .text, description: "")
            bytes.add("size", .scalar(MemoryLayout<Int>.size == 8 ? .uint64 : .uint32), description: "")
            let interface = try CallInterface(
                arguments: [
                    plain(.pointer), plain(.structure(bytes), byValue: true), plain(.pointer), plain(.pointer),
                ],
                result: plain(.scalar(.int32)))
            // For good, with the table.
            _ = Unmanaged.passRetained(interface)
            let closure = vmcp_ffi_closure_make(interface.cif, Self.create, Unmanaged.passRetained(self).toOpaque())
            guard closure.writable != nil else {
                throw CallFailure(
                    .exhausted, "the system gives no memory for closures (libffi needs executable memory)")
            }
            return closure
        }

        private static let create:
            @convention(c) (
                UnsafeMutablePointer<ffi_cif>?, UnsafeMutableRawPointer?,
                UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutableRawPointer?
            ) -> Void = { _, answer, arguments, context in
                guard let answer, let arguments, let context, let host = arguments[0], let json = arguments[1],
                    let instance = arguments[2], let reason = arguments[3]
                else { return }
                let maker = Unmanaged<Maker>.fromOpaque(context).takeUnretainedValue()
                let status = Plugin.create(
                    maker.definition, host.load(as: UnsafePointer<vmcp_host>?.self), json.load(as: vmcp_bytes.self),
                    instance.load(as: UnsafeMutablePointer<UnsafeMutableRawPointer?>?.self),
                    reason.load(as: UnsafeMutablePointer<vmcp_text>?.self))
                // libffi reads a small integer as a whole word.
                answer.storeBytes(of: Int(status), as: Int.self)
            }
    }
}
