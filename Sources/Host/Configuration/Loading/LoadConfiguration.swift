/// Reads, checks and assembles a configuration.
///
/// All errors of all files come at once. Nothing is contacted: no backend, no cluster, no identity provider.
package func loadConfiguration(_ sources: ConfigurationSources) -> LoadResult {
    let log = DiagnosticLog()
    let validation = Validation(log: log, sources: sources)
    var sorting = DocumentSorting(validation: validation)
    for document in SourceFiles(log: log).documents(at: sources.paths) { sorting.sort(document) }

    let references = ReferenceResolution(index: sorting.index, validation: validation)
    references.checkAll()
    ResourceRelations(index: sorting.index, validation: validation).checkAll()

    var configuration: GatewayConfiguration?
    if let entry = EntryPoint.select(index: sorting.index, plain: sorting.plain, sources: sources, log: log) {
        let assembly = ConfigurationAssembly(
            entry: entry, index: sorting.index, references: references, validation: validation)
        configuration = assembly.configuration()
    }
    return LoadResult(configuration: log.hasErrors ? nil : configuration, diagnostics: log.sorted)
}
