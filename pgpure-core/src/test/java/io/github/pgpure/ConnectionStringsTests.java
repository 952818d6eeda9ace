package io.github.pgpure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionStringsTests {

    private static final String OS_USER = System.getProperty("user.name");

    /** The examples of libpq's manual and what its own URI tests cover; a dash stands for what is not given. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "postgresql://                                          | -     | -      | localhost:5432        | -",
                "postgresql://localhost                                 | -     | -      | localhost:5432        | -",
                "postgresql://localhost:5433                            | -     | -      | localhost:5433        | -",
                "postgresql://localhost/mydb                            | -     | -      | localhost:5432        | mydb",
                "postgresql://user@localhost                            | user  | -      | localhost:5432        | -",
                "postgresql://user:secret@localhost                     | user  | secret | localhost:5432        | -",
                "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp | other | - | localhost:5432 | otherdb",
                "postgresql://host1:123,host2:456/somedb?target_session_attrs=any&application_name=myapp | - | - | host1:123 host2:456 | somedb",
                "postgresql:///mydb?host=localhost&port=5433            | -     | -      | localhost:5433        | mydb",
                "postgresql://[2001:db8::1234]/database                 | -     | -      | [2001:db8::1234]:5432 | database",
                "postgresql:///dbname?host=/var/lib/postgresql          | -     | -      | /var/lib/postgresql/.s.PGSQL.5432 | dbname",
                "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname          | -     | -      | /var/lib/postgresql/.s.PGSQL.5432 | dbname",
                "postgresql://uri-user:secret@host:12345/db             | uri-user | secret | host:12345         | db",
                "postgresql://uri-user@host:12345/                      | uri-user | -   | host:12345            | -",
                "postgresql://uri-user@                                 | uri-user | -   | localhost:5432        | -",
                "postgresql://?hostaddr=127.0.0.1                       | -     | -      | 127.0.0.1:5432        | -",
                "postgresql://%68ost/                                   | -     | -      | host:5432             | -",
                "postgresql://host/db?user=uri-user&port=12345          | uri-user | -   | host:12345            | db",
                "postgresql://host/db?u%73er=someotheruser              | someotheruser | - | host:5432          | db",
                "postgresql://host:12345?user=uri-user                  | uri-user | -   | host:12345            | -",
                "postgresql://host?                                     | -     | -      | host:5432             | -",
                "postgresql://[::1]:12345/db                            | -     | -      | [::1]:12345           | db",
                "postgresql://[::1]                                     | -     | -      | [::1]:5432            | -",
                "postgres://                                            | -     | -      | localhost:5432        | -",
                "postgres:///                                           | -     | -      | localhost:5432        | -",
                "postgres:///db                                         | -     | -      | localhost:5432        | db",
                "postgres://uri-user@/db                                | uri-user | -   | localhost:5432        | db",
                "postgres://@host                                       | -     | -      | host:5432             | -",
                "postgres://host:/                                      | -     | -      | host:5432             | -",
                "postgres://:12345/                                     | -     | -      | localhost:12345       | -",
                "postgres://otheruser@:12345/db?host=/path/to/socket    | otheruser | -  | /path/to/socket/.s.PGSQL.12345 | db",
                "postgres://:12345?host=/path/to/socket                 | -     | -      | /path/to/socket/.s.PGSQL.12345 | -",
                "postgresql://u:@h/d                                    | u     | -      | h:5432                | d",
                "postgresql://u:a:b?c#d@h/d                             | u     | a:b?c#d | h:5432               | d",
                "postgresql://u%40x:%2F%3f%25%40+@h/d%20b?user=%C3%A4   | ä     | /?%@+  | h:5432                | d b",
                "postgresql://h1,h2:5433,[::1]:5434/d                   | -     | -      | h1:5432 h2:5433 [::1]:5434 | d",
                "postgresql://h1,h2/d?port=6000                         | -     | -      | h1:6000 h2:6000       | d",
                "postgresql://:5433,:5434/d                             | -     | -      | localhost:5433 localhost:5434 | d",
                "postgresql://h1/d/e?host=h2                            | -     | -      | h2:5432               | d/e",
                "postgresql://h/d?user=a&user=b&                        | b     | -      | h:5432                | d",
                "postgresql://h/d?user=&password=                       | -     | -      | h:5432                | d",
                "postgresql://ada:pw@h/%64?password=other               | ada   | other  | h:5432                | d",
                "host=localhost port=5432 dbname=mydb connect_timeout=10 | -    | -      | localhost:5432        | mydb",
                "host=/tmp user=ada                                     | ada   | -      | /tmp/.s.PGSQL.5432    | -",
                "host=h1,h2 port=1,2                                    | -     | -      | h1:1 h2:2             | -",
                "host=h1,h2,h3 port=,7,                                 | -     | -      | h1:5432 h2:7 h3:5432  | -",
                "host=h1,,h3 port=9                                     | -     | -      | h1:9 localhost:9 h3:9 | -",
                "hostaddr=10.0.0.1,::1                                  | -     | -      | 10.0.0.1:5432 [::1]:5432 | -",
            })
    void readsWhatLibpqReads(String text, String user, String password, String hosts, String database) {
        PgConnectOptions options = PgConnectOptions.parse(text);
        String expectedUser = user.equals("-") ? OS_USER : user;
        assertThat(options.username()).isEqualTo(expectedUser);
        assertThat(options.password()).isEqualTo(password.equals("-") ? null : password);
        assertThat(options.hosts()).map(PgHost::toString).isEqualTo(List.of(hosts.split(" ")));
        assertThat(options.database()).isEqualTo(database.equals("-") ? expectedUser : database);
    }

    static Stream<Arguments> quoting() {
        return Stream.of(
                Arguments.of("user = ada  password = x", "x"),
                Arguments.of("\tpassword\n=\n x ", "x"),
                Arguments.of("password='with space'", "with space"),
                Arguments.of("password='it\\'s \\\\ \\x'user=ada", "it's \\ x"),
                Arguments.of("password=it\\'s\\ \\\\", "it's \\"),
                Arguments.of("password=a'b=c", "a'b=c"),
                Arguments.of("password=x\\", "x"),
                Arguments.of("password='' user=ada", null),
                Arguments.of("password=", null),
                Arguments.of("", null),
                Arguments.of("  ", null));
    }

    @ParameterizedTest
    @MethodSource("quoting")
    void readsQuotedValues(String text, String password) {
        assertThat(PgConnectOptions.parse(text).password()).isEqualTo(password);
    }

    @Test
    void readsEveryKeyword() {
        PgConnectOptions options = PgConnectOptions.parse("postgresql://h/d?connect_timeout=3&sslmode=verify-full"
                + "&target_session_attrs=prefer-standby&application_name=box%20office&options=-csearch_path%3Dapp"
                + "&client_encoding=utf-8&query_timeout=250ms&statement_cache_size=7&fallback_application_name=x");
        assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options.sslMode()).isEqualTo(SslMode.VERIFY_FULL);
        assertThat(options.targetSessionAttrs()).isEqualTo(TargetSessionAttrs.PREFER_STANDBY);
        assertThat(options.queryTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(options.statementCacheSize()).isEqualTo(7);
        assertThat(options.startupParameters())
                .containsEntry("application_name", "box office")
                .containsEntry("options", "-csearch_path=app")
                .hasSize(2);
    }

    @Test
    void readsEveryKeywordAboutTheWayToTheServer() {
        PgConnectOptions options = PgConnectOptions.parse(
                "postgresql://h1,h2/d?hostaddr=10.0.0.1,&load_balance_hosts=random"
                        + "&channel_binding=require&require_auth=scram-sha-256,oauth&allow_cleartext_password=true"
                        + "&sslnegotiation=direct&sslrootcert=/ca.pem&sslcert=/c.crt&sslkey=/c.key&sslpassword=SeCr"
                        + "&keepalives=1&keepalives_idle=30&keepalives_interval=5&keepalives_count=3"
                        + "&max_protocol_version=latest&min_protocol_version=3.0&passfile=/pass&transaction_pooling=true");
        assertThat(options.hosts())
                .containsExactly(new PgHost("h1", 5432, "10.0.0.1"), new PgHost("h2", 5432))
                .asString()
                .isEqualTo("[h1:5432 (10.0.0.1), h2:5432]");
        assertThat(options.loadBalanceHosts()).isEqualTo(LoadBalanceHosts.RANDOM);
        assertThat(options.channelBinding()).isEqualTo(ChannelBinding.REQUIRE);
        assertThat(options.requireAuth())
                .containsExactlyInAnyOrder(AuthenticationMethod.SCRAM_SHA_256, AuthenticationMethod.OAUTH);
        assertThat(options.allowCleartextPassword()).isTrue();
        assertThat(options.sslNegotiation()).isEqualTo(SslNegotiation.DIRECT);
        assertThat(options.sslMode()).isEqualTo(SslMode.VERIFY_FULL);
        assertThat(options.sslRootCert()).isEqualTo(Path.of("/ca.pem"));
        assertThat(options.sslClientCert())
                .isEqualTo(new SslClientCert(Path.of("/c.crt"), Path.of("/c.key"), "SeCr"))
                .asString()
                .doesNotContain("SeCr");
        assertThat(options.keepAlive())
                .isEqualTo(new TcpKeepAlive(true, Duration.ofSeconds(30), Duration.ofSeconds(5), 3));
        assertThat(options.maxProtocolVersion()).isEqualTo(ProtocolVersion.V3_2);
        assertThat(options.passFile()).isEqualTo(Path.of("/pass"));
        assertThat(options.transactionPooling()).isTrue();
        assertThat(options.toBuilder().build())
                .usingRecursiveComparison()
                .as("a builder made of options gives the same")
                .isEqualTo(options);
    }

    @Test
    void requireAuthWithExclamationMarksMeansAllOthers() {
        assertThat(PgConnectOptions.parse("require_auth=!password,!md5").requireAuth())
                .containsExactlyInAnyOrder(
                        AuthenticationMethod.NONE,
                        AuthenticationMethod.GSS,
                        AuthenticationMethod.SSPI,
                        AuthenticationMethod.SCRAM_SHA_256,
                        AuthenticationMethod.OAUTH);
    }

    @ParameterizedTest
    @CsvSource({
        "'', PREFER",
        "sslrootcert=/ca.pem, VERIFY_FULL",
        "sslrootcert=system, VERIFY_FULL",
        "sslrootcert=/ca.pem sslmode=require, REQUIRE",
        "sslnegotiation=direct, REQUIRE"
    })
    void modeFollowsFromWhatIsGiven(String text, SslMode mode) {
        assertThat(PgConnectOptions.parse(text).sslMode()).isEqualTo(mode);
    }

    @ParameterizedTest
    @CsvSource({"'', V3_0, V3_0", "min_protocol_version=3.2, V3_2, V3_2", "max_protocol_version=latest, V3_0, V3_2"})
    void protocolVersionFollowsFromTheOldestAccepted(String text, ProtocolVersion min, ProtocolVersion max) {
        assertThat(PgConnectOptions.parse(text).minProtocolVersion()).isEqualTo(min);
        assertThat(PgConnectOptions.parse(text).maxProtocolVersion()).isEqualTo(max);
    }

    @ParameterizedTest
    @CsvSource({"user, x", "Database, x", "replication, true", "client_encoding, LATIN1", "datestyle, SQL"})
    void startupParametersThatWouldBreakThingsAreRefused(String name, String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PgConnectOptions.builder().startupParameter(name, value));
    }

    @Test
    void leavesDefaultsWhereNothingIsGiven() {
        PgConnectOptions options = PgConnectOptions.parse("postgresql://h?sslmode=&connect_timeout=&application_name=");
        assertThat(options.sslMode()).isEqualTo(SslMode.PREFER);
        assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(options.startupParameters()).containsEntry("application_name", "pgpure");
        assertThat(options.targetSessionAttrs()).isEqualTo(TargetSessionAttrs.ANY);
    }

    @Test
    void fallbackNameIsUsedWhereThereIsNoOther() {
        assertThat(PgConnectOptions.parse("fallback_application_name=x").startupParameters())
                .containsEntry("application_name", "x");
    }

    @ParameterizedTest
    @CsvSource({"query_timeout=2, PT2S", "query_timeout=2s, PT2S", "query_timeout=3min, PT3M", "query_timeout=0, PT0S"})
    void readsQueryTimeouts(String text, Duration expected) {
        assertThat(PgConnectOptions.parse(text).queryTimeout()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"connect_timeout=0", "connect_timeout=-1"})
    void connectTimeoutZeroMeansNoLimit(String text) {
        assertThat(PgConnectOptions.parse(text).connectTimeout()).isGreaterThan(Duration.ofDays(10_000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sslnegotiation=postgres",
                "gssencmode=prefer",
                "gssencmode=disable",
                "load_balance_hosts=disable",
                "channel_binding=prefer",
                "keepalives=1",
                "sslsni=1",
                "sslrootcert=''",
                "replication=false",
                "client_encoding=UNICODE"
            })
    void acceptsWhatAsksForTheBehaviourThereIs(String text) {
        assertThat(PgConnectOptions.parse(text).hosts()).hasSize(1);
    }

    @Test
    void finerPointsOfTls() {
        SslPolicy policy = PgConnectOptions.parse(
                        "sslrootcert=/r sslcrl=/a.crl sslcrldir=/crls sslsni=0 sslcertmode=disable"
                                + " ssl_min_protocol_version=TLSv1.3 requirepeer=postgres")
                .sslPolicy();
        assertThat(policy)
                .isEqualTo(new SslPolicy(
                        TlsVersion.V1_3,
                        TlsVersion.V1_3,
                        SslCertMode.DISABLE,
                        Path.of("/a.crl"),
                        Path.of("/crls"),
                        false));
        assertThat(PgConnectOptions.parse("ssl_min_protocol_version=TLSv1").sslPolicy())
                .isEqualTo(SslPolicy.DEFAULT);
        PgConnectOptions peer = PgConnectOptions.parse("requirepeer=postgres");
        assertThat(peer.requirePeer()).isEqualTo("postgres");
        assertThat(peer.toBuilder().build().requirePeer()).isEqualTo("postgres");
    }

    @Test
    void sslTrueOfJdbcMeansRequire() {
        assertThat(PgConnectOptions.parse("postgresql://h?ssl=true").sslMode()).isEqualTo(SslMode.REQUIRE);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "postgresql://host?uzer=          | \"uzer\", is not known; did you mean user?",
                "postgresql://host/db?u%7aer=x    | \"uzer\", is not known; did you mean user?",
                "databse=x                        | character 1 of the connection string",
                "database=x                       | did you mean dbname?",
                "user=a search_path=x             | did you mean options=-csearch_path",
                "target_session_attr=any          | did you mean target_session_attrs?",
                "zzz=1                            | Known are [allow_cleartext_password, application_name, channel_binding",
                "postgre://host/db                | must begin with postgresql://",
                "jdbc:postgresql://host/db?user=x | postgresql://user:password@host:5432/database",
                "postgres://[::1                  | lacks the \"]\"",
                "postgres://[]                    | empty IPv6",
                "postgres://[::1]z                | at character 17",
                "postgresql://host?zzz            | no \"=\" in the parameter at character 19",
                "postgresql://host?user=a=b       | second \"=\"",
                "postgres://host?dbname=%XXfoo    | % without two hexadecimal digits",
                "postgresql://a%00b               | %00",
                "postgresql://%zz                 | the host in the connection URI has a %",
                "postgresql://%1                  | the host in the connection URI has a %",
                "postgresql://%                   | the host in the connection URI has a %",
                "postgresql://h/a b               | the database in the connection URI has a space",
                "postgresql://h1,h2,h3:1/d?port=1,2 | 2 ports for 3 hosts",
                "host=h port=1,2                  | 2 ports for 1 host:",
                "host=h port=x                    | port 1 in the connection string is not a number",
                "host=h1,h2 port=1,x              | port 2 in the connection string is not a number",
                "port=65536                       | port must be between 1 and 65535",
                "port=0                           | port must be between 1 and 65535",
                "host=@abstract                   | abstract",
                "sslmode=on                       | [disable, allow, prefer, require, verify-ca, verify-full], not \"on\"",
                "target_session_attrs=master      | prefer-standby], not \"master\"",
                "connect_timeout=soon             | whole number (seconds), not \"soon\"",
                "statement_cache_size=many        | whole number, not \"many\"",
                "statement_cache_size=-1          | must not be negative",
                "query_timeout=5h                 | ms, s or min",
                "query_timeout=ms                 | ms, s or min",
                "query_timeout=99999999999999999999 | ms, s or min",
                "client_encoding=LATIN1           | client_encoding must be UTF8",
                "tcp_user_timeout=1000            | is not supported: Java has no such socket option",
                "oauth_issuer=https://x           | is not supported: get the token by yourself",
                "sslcrl=/x.crl                    | sslcrl and sslcrldir need sslrootcert",
                "sslcrldir=/x sslrootcert=system  | sslcrl and sslcrldir need sslrootcert",
                "ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2 | is above ssl_max_protocol_version",
                "ssl_max_protocol_version=TLSv1.1 | [TLSv1.2, TLSv1.3], not \"TLSv1.1\"",
                "sslcertmode=require              | needs a certificate: give sslcert and sslkey",
                "sslcertmode=prefer               | [disable, allow, require], not \"prefer\"",
                "sslsni=2                         | [1, 0], not \"2\"",
                "channel_binding=on               | [disable, prefer, require], not \"on\"",
                "channel_binding=require sslmode=disable | needs TLS",
                "sslnegotiation=direct sslmode=prefer | needs sslmode=require, verify-ca or verify-full, not prefer",
                "sslrootcert=system sslmode=require | needs sslmode=verify-full, not require",
                "sslcert=/c.crt                   | sslcert and sslkey belong together",
                "sslkey=/c.key                    | sslcert and sslkey belong together",
                "require_auth=scram               | must be a list of none, password, md5, gss, sspi, scram-sha-256 and oauth",
                "require_auth=md5,md5             | twice",
                "require_auth=md5,!password       | either all with or all without",
                "require_auth=!none,md5           | either all with or all without",
                "require_auth=md5,                | must be a list",
                "require_auth=!none,!password,!md5,!gss,!sspi,!scram-sha-256,!oauth | at least one",
                "load_balance_hosts=yes           | [disable, random], not \"yes\"",
                "max_protocol_version=3.1         | [3.0, 3.2], not \"3.1\"",
                "min_protocol_version=3.2 max_protocol_version=3.0 | is above",
                "keepalives=yes                   | whole number (1 or 0)",
                "keepalives_idle=1min             | whole number (seconds)",
                "allow_cleartext_password=1       | [true, false], not \"1\"",
                "host=a,b hostaddr=1.2.3.4        | 1 hostaddr for 2 hosts",
                "host=a hostaddr=db1              | hostaddr must be an IP address",
                "service=x servicefile=/no/such/file | /no/such/file does not exist",
                "gssencmode=require               | not supported with another value than disable or prefer",
                "user                             | no \"=\" after the word at character 1",
                "user ada                         | no \"=\" after the word at character 1",
                "=x                               | is not known",
                "user='ada                        | closing quote of the value of \"user\"",
                "user='ada\\                      | closing quote of the value of \"user\"",
            })
    void refusesWithAMessageThatHelps(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PgConnectOptions.parse(text))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://u:SeCr@SeCr@host/db",
                "postgresql://u:SeCr/SeCr@host/db",
                "postgresql://u:12/SeCr@host/db",
                "postgresql://u:SeCr%@host/db",
                "postgresql://u:SeCr%zz@host/db",
                "postgresql://u:SeCr SeCr@host/db",
                "postgresql://u:SeCr@host:port/db",
                "postgresql://u:SeCr@host/db?SeCr",
                "postgresql://u:SeCr@host?zzz=1",
                "postgresql://u@host?password=SeCr=SeCr",
                "postgresql://u@host?password=a&SeCr=x",
                "postgresql://u:SeCr@[::1",
                "password=a SeCr",
                "password=a SeCr=x",
                "password=a SeCr = x",
                "password='SeCr",
                "password='a'SeCr",
                "password=SeCr sslmode=x",
                "password=SeCr port=x",
                "jdbc:postgresql://h/d?password=SeCr",
                "pg://u:SeCr@h/d",
                "postgresql://u:SeCr@h/d?sslpassword=SeCr",
                "sslpassword=SeCr"
            })
    void neverShowsAPartOfThePassword(String text) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> PgConnectOptions.parse(text))
                .satisfies(e -> assertThat(e.toString()).doesNotContain("SeCr").doesNotContain(text))
                .withNoCause();
    }

    @Test
    void toStringNeverShowsThePassword() {
        assertThat(PgConnectOptions.parse("postgresql://u:SeCr@host/db"))
                .asString()
                .doesNotContain("SeCr");
    }

    @Test
    void neverFailsWithAnythingElse() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String[] parts = {
            "postgresql://",
            "postgres://",
            "user",
            "host",
            "port",
            "password",
            "=",
            "'",
            "\\",
            " ",
            "%",
            "%41",
            "[",
            "]",
            ":",
            "/",
            "?",
            "&",
            ",",
            "@",
            "5432",
            "ä",
            "sslmode",
            "disable",
            "::1",
            "\0"
        };
        for (int i = 0; i < 50_000; i++) {
            var text = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            try {
                PgConnectOptions.parse(text.toString());
            } catch (IllegalArgumentException expected) {
                assertThat(expected).as("seed %d: %s", seed, text).hasMessageMatching("(?s).{20,}");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + text, e);
            }
        }
    }
}
