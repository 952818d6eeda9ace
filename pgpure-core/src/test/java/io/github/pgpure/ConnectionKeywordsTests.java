package io.github.pgpure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every keyword of libpq is followed or refused, and the guide says which. */
class ConnectionKeywordsTests {

    /** Section 34.1.2 of PostgreSQL 18's manual, and servicefile. */
    private static final Set<String> LIBPQ = new TreeSet<>(Set.of(("host hostaddr port dbname user password passfile"
                    + " require_auth channel_binding connect_timeout client_encoding options application_name"
                    + " fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count"
                    + " tcp_user_timeout replication gssencmode sslmode sslnegotiation sslcompression sslcert sslkey"
                    + " sslkeylogfile sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni requirepeer"
                    + " ssl_min_protocol_version ssl_max_protocol_version min_protocol_version max_protocol_version"
                    + " krbsrvname gsslib gssdelegation scram_client_key scram_server_key service servicefile"
                    + " target_session_attrs load_balance_hosts oauth_issuer oauth_client_id oauth_client_secret"
                    + " oauth_scope")
            .split(" ")));

    private static final Pattern ROW = Pattern.compile("\\| `([a-z_]+)` \\| (yes|refused) \\|.*");

    @Test
    void everyKeywordOfLibpqIsKnown() {
        assertThat(LIBPQ).allMatch(ConnectionKeywords::isKnown);
        assertThat(ConnectionKeywords.refused()).isSubsetOf(LIBPQ);
        assertThat(ConnectionKeywords.supported()).doesNotContainAnyElementsOf(ConnectionKeywords.refused());
    }

    @Test
    void theGuideSaysOfEachWhetherItIsFollowed() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("..", "docs", "connection-strings.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), row.group(2));
            }
        }
        Map<String, String> actual = new TreeMap<>();
        ConnectionKeywords.supported().forEach(keyword -> actual.put(keyword, "yes"));
        ConnectionKeywords.refused().forEach(keyword -> actual.put(keyword, "refused"));
        assertThat(documented).isEqualTo(actual);
    }

    @Test
    void whatIsRefusedIsNamed() {
        assertThat(ConnectionKeywords.refused())
                .allSatisfy(keyword -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> PgConnectOptions.parse(keyword + "=s3cret"))
                        .withMessageContaining(keyword)
                        .withMessageContaining("not supported")
                        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cret")));
    }
}
