import PluginAPI
import PluginKit
import Synchronization
import Testing

@testable import OutgoingAuthCore

@Suite("Roles of AWS")
struct WebIdentityRoleTests {
    private static let role = "arn:aws:iam::123456789012:role"
    /// 2026-01-01T00:00:00Z
    private static let start: UInt64 = 1_767_225_600_000

    private func fixture(_ more: String = "", claims: String = #"{"sub":"diana","groups":["dev"]}"#) throws
        -> StrategyFixture
    {
        let fixture = try StrategyFixture(
            "aws_sts",
            #"{"region":"eu-west-1","sessionDuration":900,"fallbackRoleArn":"\#(Self.role)/fallback"\#(more)}"#)
        fixture.now = Self.start
        fixture.host.recorded.withLock { ($0.token, $0.claims) = ("T1", claims) }
        return fixture
    }

    private func credentials(_ number: Int = 1, until: String = "2026-01-01T01:00:00Z") -> String {
        """
        <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\
        <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA\(number)</AccessKeyId>
        <SecretAccessKey>secret/\(number)</SecretAccessKey><SessionToken> session&amp;\(number) </SessionToken>\
        <Expiration>\(until)</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>
        """
    }

    private func header(_ name: String, _ pending: StrategyFixture.Pending) -> String? {
        pending.answer?.set.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    @Test("A request is signed as botocore signs it", arguments: SignatureVectors.all)
    func vectors(vector: SignatureVectors.Vector) throws {
        let credentials = TemporaryCredentials(
            accessKey: SignatureVectors.accessKey, secret: SignatureVectors.secret,
            sessionToken: SignatureVectors.sessionToken, expiresAt: 0)
        let request = RequestSignature.Request(
            method: vector.method, url: vector.url, headers: vector.headers.map { Header($0[0], $0[1]) },
            body: Array(vector.body.utf8))
        let signature = RequestSignature(credentials: credentials, region: vector.region, service: vector.service)
        let set = signature.headers(for: request, now: vector.time)
        #expect(set.last == Header("Authorization", vector.authorization))
        #expect(set.map(\.name) == ["X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token", "Authorization"])
    }

    @Test("The caller's token gives a role once, and each request a signature of its own")
    func assumed() throws {
        let fixture = try fixture()
        let first = fixture.authorize(body: "one")
        let second = fixture.authorize(body: "two")
        #expect(fixture.host.exchanges.count == 1)
        let asked = fixture.host.exchange()
        #expect(asked.url == "https://sts.eu-west-1.amazonaws.com/")
        #expect(asked["Authorization"] == nil)
        #expect(
            asked.fields == [
                "Action=AssumeRoleWithWebIdentity", "Version=2011-06-15", "RoleArn=\(Self.role)/fallback",
                "RoleSessionName=diana", "WebIdentityToken=T1", "DurationSeconds=900",
            ])
        asked.respond(200, [("content-type", "text/xml")], credentials())
        #expect(header("X-Amz-Security-Token", first) == "session&1")
        let authorization = try #require(header("Authorization", first))
        #expect(
            authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=ASIA1/20260101/eu-west-1/aws-mcp/aws4_request, Signed")
        )
        #expect(header("Authorization", second) != authorization)
        #expect(first.answer?.scope == UInt32(VMCP_AUTH_CACHE_NONE))
        #expect(fixture.flags == UInt32(VMCP_AUTH_NEEDS_BODY | VMCP_AUTH_NEEDS_IDENTITY))
        #expect(fixture.authorize().answer != nil)
        #expect(fixture.host.exchanges.count == 1)
    }

    @Test("Credentials are obtained again five minutes before they end, and after a refusal")
    func renewed() throws {
        let fixture = try fixture()
        _ = fixture.authorize()
        fixture.host.exchange().respond(200, [], credentials(until: "2026-01-01T00:15:00.123456Z"))
        fixture.now = Self.start + 599_000
        #expect(fixture.authorize().answer != nil)
        fixture.now = Self.start + 600_000
        let late = fixture.authorize()
        #expect(late.answer == nil)
        fixture.host.exchange(1).respond(200, [], credentials(2))
        #expect(header("X-Amz-Security-Token", late) == "session&2")
        // Refused at once: somebody else has just renewed them.
        #expect(fixture.authorize(attempt: 2).answer != nil)
        fixture.now += 10_000
        let again = fixture.authorize(attempt: 2)
        fixture.host.exchange(2).respond(200, [], credentials(3))
        #expect(header("X-Amz-Security-Token", again) == "session&3")
    }

    @Test("Another token, role or session name has credentials of its own")
    func keys() throws {
        let fixture = try fixture(
            #","roleMappings":[{"claim":"admins","roleArn":"\#(Self.role)/admin"}]"#)
        _ = fixture.authorize()
        fixture.host.exchange().respond(200, [], credentials())
        for (count, (token, claims)) in [
            ("T2", #"{"sub":"diana","groups":["dev"]}"#), ("T1", #"{"sub":"diana","groups":"admins"}"#),
            ("T1", #"{"sub":"bob","groups":["dev"]}"#),
        ].enumerated() {
            fixture.host.recorded.withLock { ($0.token, $0.claims) = (token, claims) }
            #expect(fixture.authorize().answer == nil)
            fixture.host.exchange(count + 1).respond(200, [], credentials())
        }
        #expect(fixture.host.exchanges.count == 4)
    }

    @Test(
        "The role is that of the first mapping by priority that the claims fulfil, then the fallback",
        arguments: [
            (#"{"sub":"ab","groups":["a","b"]}"#, "b"), (#"{"sub":"ab","groups":["a"]}"#, "a"),
            (#"{"sub":"ab","groups":[],"dept":"x"}"#, "x"), (#"{"sub":"ab","groups":["z"],"dept":"x"}"#, "x"),
            (#"{"sub":"ab"}"#, "fallback"), (#"{"sub":"ab","groups":"b"}"#, "b"),
            (#"{"sub":"ab","groups":["late"]}"#, "late"),
            (#"{"sub":"ab","groups":["late","late2"]}"#, "late"),
        ])
    func mappings(claims: String, role: String) throws {
        func mapping(_ condition: String, _ role: String, _ priority: String = "") -> String {
            "{\(condition),\"roleArn\":\"\(Self.role)/\(role)\"\(priority)}"
        }
        let mappings = [
            mapping(#""claim":"late""#, "late"), mapping(#""claim":"late2""#, "late2"),
            mapping(#""claim":"a""#, "a", #","priority":2"#), mapping(#""claim":"b""#, "b", #","priority":1"#),
            mapping(#""matcher":"claims.dept == 'x'""#, "x", #","priority":3"#),
        ]
        let fixture = try fixture(#","roleMappings":[\#(mappings.joined(separator: ","))]"#, claims: claims)
        _ = fixture.authorize()
        #expect(fixture.host.exchange().fields.contains("RoleArn=\(Self.role)/\(role)"))
    }

    @Test("Without a role, a session name, an identity or room for the body there is no request to AWS")
    func refusals() throws {
        func message(_ fixture: StrategyFixture, identity: UInt64 = 1, body: String = "") -> String? {
            let pending = fixture.authorize(identity: identity, body: body)
            #expect(fixture.host.exchanges.isEmpty)
            #expect(pending.answer == nil)
            return pending.outcome?.message
        }
        let mapped = try StrategyFixture(
            "aws_sts", #"{"region":"eu-west-1","roleMappings":[{"claim":"x","roleArn":"\#(Self.role)/x"}]}"#)
        mapped.host.recorded.withLock { ($0.token, $0.claims) = ("T1", #"{"sub":"ab"}"#) }
        #expect(message(mapped) == "no role mapping matches the caller's claims")
        for claims in [#"{"sub":"a"}"#, #"{"sub":"a b"}"#, "{}", #"{"sub":7}"#] {
            #expect(message(try fixture(claims: claims))?.hasPrefix("the claim sub is no session name") == true)
        }
        #expect(message(try fixture(), identity: 0) == "no identity found in context")
        let large = String(repeating: "x", count: WebIdentityRole.maximumBody + 1)
        #expect(message(try fixture(), body: large)?.contains("10485760 bytes") == true)
        let probe = try fixture().authorize(identity: 0, purpose: Int(VMCP_AUTH_PROBE))
        #expect(probe.outcome == .ok)
        #expect(probe.answer == nil)
    }

    @Test(
        "A service that refuses or answers nonsense fails the request, and only status and code are told",
        arguments: [
            (
                403,
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>T1</Message></Error></ErrorResponse>",
                "answered 403 (AccessDenied)"
            ),
            (400, "<ErrorResponse><Error><Code>T1 is bad</Code></Error></ErrorResponse>", "answered 400"),
            (503, "", "answered 503"), (200, "", "has no credentials"), (200, "<Credentials>", "has no credentials"),
            (
                200,
                "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>a\nb</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration></Credentials>",
                "has no credentials"
            ),
            (
                200,
                "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>soon</Expiration></Credentials>",
                "when the credentials expire"
            ),
        ])
    func failures(status: UInt32, body: String, words: String) throws {
        let fixture = try fixture()
        let pending = fixture.authorize()
        let other = fixture.authorize()
        fixture.host.exchange().respond(status, [], body)
        let message = try #require(pending.outcome?.message)
        #expect(message.hasPrefix("AssumeRoleWithWebIdentity failed: ") && message.hasSuffix(words), "\(message)")
        #expect(!message.contains("T1"))
        #expect(other.outcome?.message == message)
        // The next one asks again.
        _ = fixture.authorize()
        #expect(fixture.host.exchanges.count == 2)
    }

    @Test(
        "Settings that cannot work are refused with the field",
        arguments: [
            (#"{"fallbackRoleArn":"\#(role)/x"}"#, "region"), (#"{"region":"eu-west-1"}"#, "neither"),
            (#"{"region":"eu west","fallbackRoleArn":"\#(role)/x"}"#, "region"),
            (#"{"region":"eu-west-1","fallbackRoleArn":"arn:aws:iam::1:role/x"}"#, "fallbackRoleArn"),
            (#"{"region":"eu-west-1","fallbackRoleArn":"\#(role)/x","sessionDuration":899}"#, "sessionDuration"),
            (
                #"{"region":"eu-west-1","fallbackRoleArn":"\#(role)/x","stsEndpoint":"http://sts.example.com"}"#,
                "stsEndpoint"
            ),
            (#"{"region":"eu-west-1","roleMappings":[{"claim":"a"}]}"#, "roleMappings[0].roleArn"),
            (#"{"region":"eu-west-1","roleMappings":[{"roleArn":"\#(role)/x"}]}"#, "roleMappings[0]"),
            (
                #"{"region":"eu-west-1","roleMappings":[{"matcher":"size(claims.groups) > 1","roleArn":"\#(role)/x"}]}"#,
                "roleMappings[0].matcher: `size` at byte 0"
            ),
        ])
    func wrongSettings(spec: String, words: String) {
        let error = #expect(throws: TestInstance.Refused.self) { try StrategyFixture("aws_sts", spec) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("The service of China has a domain of its own")
    func partition() throws {
        let fixture = try StrategyFixture(
            "aws_sts", #"{"region":"cn-north-1","fallbackRoleArn":"arn:aws-cn:iam::123456789012:role/x"}"#)
        fixture.host.recorded.withLock { ($0.token, $0.claims) = ("T1", #"{"sub":"ab"}"#) }
        _ = fixture.authorize()
        #expect(fixture.host.exchange().url == "https://sts.cn-north-1.amazonaws.com.cn/")
    }

    @Test(
        "Times are read and written",
        arguments: [
            ("1970-01-01T00:00:00Z", "19700101T000000Z"), ("2000-02-29T23:59:59.9Z", "20000229T235959Z"),
            ("2024-12-31T12:00:00Z", "20241231T120000Z"), ("2100-03-01T00:00:00Z", "21000301T000000Z"),
        ])
    func times(text: String, basic: String) throws {
        #expect(UTCTime(milliseconds: try #require(UTCTime.milliseconds(text))).basic == basic)
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00+01:00",
            "20é6-01-01T00:00:00Z",
        ])
    func noTimes(text: String) { #expect(UTCTime.milliseconds(text) == nil) }
}
