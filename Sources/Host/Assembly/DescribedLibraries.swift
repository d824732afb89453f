import HostDescribed
import HostPlugins
import Logging
import PluginAPI

/// Presents described libraries to the plugin host.
struct DescribedLibraries: LibraryDescriber {
    let log: Logger

    func table(of library: DescribedLibrary) throws(PluginLoadError) -> UnsafePointer<vmcp_plugin> {
        do throws(DescriptionError) {
            let description = try LibraryDescription(parsing: library.text)
            return try DescribedPlugin.table(description, runner: try runner(description, library))
        } catch {
            throw Self.refusal(library, error)
        }
    }

    private func runner(
        _ description: LibraryDescription, _ library: DescribedLibrary
    ) throws(DescriptionError) -> any LibraryRunner {
        var log = log
        log[metadataKey: "plugin"] = "\(description.id)"
        let onEvent: @Sendable (String, Value) -> Void = { [log] callback, value in
            log.info("A library called back", metadata: ["callback": "\(callback)", "told": "\(value.line)"])
        }
        switch description.isolation {
        case .none: return try LoadedLibrary(description, at: library.library, onEvent: onEvent)
        case .process:
            return ChildLibrary(
                launch: ChildLaunch(text: library.text, library: library.library), onEvent: onEvent)
        }
    }

    func probe(_ library: DescribedLibrary) throws(PluginLoadError) -> [String] {
        do throws(DescriptionError) {
            let description = try LibraryDescription(parsing: library.text)
            return try ProbeRun(
                description, launch: ChildLaunch(text: library.text, library: library.library)
            ).run()
        } catch {
            throw Self.refusal(library, error)
        }
    }

    private static func refusal(_ library: DescribedLibrary, _ error: DescriptionError) -> PluginLoadError {
        PluginLoadError(
            .badDescription, path: library.manifestPath,
            expected: "a description that '\(library.library)' can be bound by",
            found: error.description,
            advice: "correct the description; docs/described-libraries.md explains each reason")
    }
}
