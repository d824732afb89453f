import COnnxRuntime
import PluginKit

/// A model in memory, ready to run. May be run by several threads at once; each run takes place on the thread that asks.
final class OnnxSession: @unchecked Sendable {
    // The pointers are written once, and ONNX Runtime's session and memory description may be used by any thread.
    private let runtime: OnnxRuntime
    private let environment: OpaquePointer
    private let session: OpaquePointer
    private let memory: OpaquePointer

    /// - Throws: ``PluginError`` with the runtime's own words.
    init(_ runtime: OnnxRuntime, model: [UInt8]) throws(PluginError) {
        let api = runtime.api.pointee
        let environment = try runtime.make("start") { api.make_environment(Int32(ONNX_LOG_ERROR), "vmcp", $0) }
        do throws(PluginError) {
            let options = try runtime.make("make options") { api.make_options($0) }
            defer { api.release_options(options) }
            // Texts differ in length: patterns and arenas would keep memory for each length that ever came.
            try runtime.check("set options", api.disable_memory_patterns(options))
            try runtime.check("set options", api.disable_arena(options))
            try runtime.check("set options", api.set_threads_of_operator(options, 1))
            try runtime.check("set options", api.set_threads_of_graph(options, 1))
            try runtime.check("set options", api.set_optimisation(options, Int32(ONNX_OPTIMISE_ALL)))
            session = try runtime.make("load the model") { session in
                model.withUnsafeBytes {
                    api.make_session(environment, $0.baseAddress, $0.count, options, session)
                }
            }
        } catch {
            api.release_environment(environment)
            throw error
        }
        do throws(PluginError) {
            memory = try runtime.make("describe memory") {
                api.make_memory(Int32(ONNX_ARENA_ALLOCATOR), Int32(ONNX_MEMORY_DEFAULT), $0)
            }
        } catch {
            api.release_session(session)
            api.release_environment(environment)
            throw error
        }
        self.runtime = runtime
        self.environment = environment
    }

    deinit {
        let api = runtime.api.pointee
        api.release_memory(memory)
        api.release_session(session)
        api.release_environment(environment)
    }

    /// The vector of one text.
    ///
    /// - Parameter count: Floats that the vector must have.
    /// - Throws: ``PluginError`` with the runtime's own words, or what was expected and found.
    func vector(of numbers: [Int32], count: Int) throws(PluginError) -> [Float] {
        var ids = numbers.map(Int64.init)
        var mask = [Int64](repeating: 1, count: numbers.count)
        let outcome = ids.withUnsafeMutableBytes { ids in
            mask.withUnsafeMutableBytes { mask in
                Result { () throws(PluginError) in try run(ids, mask) }
            }
        }
        let value = try outcome.get()
        defer { runtime.api.pointee.release_value(value) }
        return try floats(value, count)
    }

    private func run(
        _ ids: UnsafeMutableRawBufferPointer, _ mask: UnsafeMutableRawBufferPointer
    ) throws(PluginError) -> OpaquePointer {
        let api = runtime.api.pointee
        let ids = try tensor(ids)
        defer { api.release_value(ids) }
        let mask = try tensor(mask)
        defer { api.release_value(mask) }
        let inputs: [OpaquePointer?] = [ids, mask]
        return try runtime.make("run the model") { out in
            "ids".withCString { ids in
                "mask".withCString { mask in
                    "vectors".withCString { vectors in
                        let names: [UnsafePointer<CChar>?] = [ids, mask]
                        let outputs: [UnsafePointer<CChar>?] = [vectors]
                        return api.run(session, nil, names, inputs, inputs.count, outputs, 1, out)
                    }
                }
            }
        }
    }

    private func tensor(_ bytes: UnsafeMutableRawBufferPointer) throws(PluginError) -> OpaquePointer {
        let dimensions = [1, Int64(bytes.count / MemoryLayout<Int64>.size)]
        return try runtime.make("make a tensor") {
            runtime.api.pointee.make_tensor(
                memory, bytes.baseAddress, bytes.count, dimensions, dimensions.count, Int32(ONNX_INT64), $0)
        }
    }

    private func floats(_ value: OpaquePointer, _ count: Int) throws(PluginError) -> [Float] {
        let api = runtime.api.pointee
        let shape = try runtime.make("read a shape") { api.shape_of_tensor(value, $0) }
        defer { api.release_shape(shape) }
        var found = 0
        var type: Int32 = 0
        try runtime.check("read a shape", api.element_count(shape, &found))
        try runtime.check("read a type", api.element_type(shape, &type))
        guard found == count, type == ONNX_FLOAT else {
            throw PluginError(
                .internalError, "the model gave \(found) values of type \(type); expected \(count) floats")
        }
        var data: UnsafeMutableRawPointer?
        try runtime.check("read a tensor", api.tensor_data(value, &data))
        guard let data else { throw PluginError(.internalError, "ONNX Runtime gave a tensor without data") }
        return Array(UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: count))
    }
}
