import MCPRemoteProxyCore
import PluginKit

/// An instance of the remote proxy, and shorthands for what a server answers.
func remote(_ spec: String = "", resolved: String = "{}", kind: String = "MCPRemoteProxy", host: TestHost = TestHost())
    throws -> TestInstance
{
    let fields = spec.isEmpty ? #""remoteUrl":"https://h/mcp""# : spec
    return try TestInstance(
        RemoteProxyPlugin.definition, host: host,
        configuration: #"{"kind":"\#(kind)","name":"r","spec":{\#(fields)},"resolved":\#(resolved)}"#)
}

let json = [("content-type", "application/json")]
let stream = [("content-type", "text/event-stream; charset=utf-8")]
