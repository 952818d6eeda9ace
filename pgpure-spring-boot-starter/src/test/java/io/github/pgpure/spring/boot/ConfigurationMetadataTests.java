package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.SslMode;
import io.github.pgpure.TargetSessionAttrs;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.convert.DurationStyle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an IDE shows for {@code application.yml}. */
class ConfigurationMetadataTests {

    /** Their default depends on something, which the description says. */
    private static final Set<String> WITHOUT_FIXED_DEFAULT = Set.of(
            "pgpure.url",
            "pgpure.host",
            "pgpure.database",
            "pgpure.username",
            "pgpure.password",
            "pgpure.application-name",
            "pgpure.startup-parameters",
            "pgpure.pass-file",
            "pgpure.require-auth",
            "pgpure.max-protocol-version",
            "pgpure.ssl.root-cert",
            "pgpure.ssl.certificate",
            "pgpure.ssl.private-key",
            "pgpure.ssl.private-key-password",
            "pgpure.ssl.mode",
            "pgpure.ssl.bundle",
            "pgpure.pool.max-connections",
            "pgpure.pool.min-idle",
            "pgpure.embedded.data-directory");

    private static final Map<String, JsonNode> PROPERTIES = new LinkedHashMap<>();
    private static final Map<String, JsonNode> HINTS = new LinkedHashMap<>();

    @BeforeAll
    static void readMetadata() throws IOException {
        var urls = PgPureProperties.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json");
        while (urls.hasMoreElements()) {
            JsonNode metadata =
                    JsonMapper.builder().build().readTree(urls.nextElement().openStream());
            metadata.path("properties").forEach(property -> collect(PROPERTIES, property));
            metadata.path("hints").forEach(hint -> collect(HINTS, hint));
        }
    }

    private static void collect(Map<String, JsonNode> target, JsonNode entry) {
        String name = entry.path("name").asString();
        if (name.startsWith("pgpure.") || name.startsWith("management.health.pgpure")) {
            target.put(name, entry);
        }
    }

    @Test
    void everyKeyHasDescriptionAndType() {
        assertThat(PROPERTIES).hasSizeGreaterThan(20);
        assertThat(PROPERTIES.values()).allSatisfy(property -> {
            assertThat(property.path("description").asString(""))
                    .as(property.toString())
                    .endsWith(".");
            assertThat(property.path("type").asString(""))
                    .as(property.toString())
                    .isNotEmpty();
        });
    }

    @Test
    void everyKeyHasADefaultOrIsKnownToHaveNone() {
        Set<String> without = new HashSet<>();
        PROPERTIES.forEach((name, property) -> {
            if (property.path("defaultValue").isMissingNode()) {
                without.add(name);
            }
        });
        assertThat(without).isEqualTo(WITHOUT_FIXED_DEFAULT);
    }

    @Test
    void everyOptionOfCoreHasAKey() {
        Set<String> keys = PROPERTIES.keySet();
        for (Method option : PgPoolOptions.Builder.class.getDeclaredMethods()) {
            if (Modifier.isPublic(option.getModifiers()) && option.getParameterCount() > 0) {
                String name = kebabCase(option.getName());
                assertThat(keys).contains(name.equals("read-routing") ? "pgpure." + name : "pgpure.pool." + name);
            }
        }
        // Hosts and sockets are said by url or host, the context by a bundle.
        // A supplier of credentials is a bean.
        Map<String, String> otherwise = Map.ofEntries(
                Map.entry("hosts", "url"),
                Map.entry("unix-socket", "host"),
                Map.entry("credentials", "username"),
                Map.entry("keep-alive", "keep-alive.enabled"),
                Map.entry("ssl-mode", "ssl.mode"),
                Map.entry("ssl-negotiation", "ssl.negotiation"),
                Map.entry("ssl-root-cert", "ssl.root-cert"),
                Map.entry("ssl-context", "ssl.bundle"),
                Map.entry("ssl-client-cert", "ssl.certificate"),
                Map.entry("ssl-policy", "url"),
                Map.entry("require-peer", "url"),
                Map.entry("startup-parameter", "startup-parameters"));
        for (Method option : PgConnectOptions.Builder.class.getDeclaredMethods()) {
            if (Modifier.isPublic(option.getModifiers()) && option.getParameterCount() > 0) {
                String name = kebabCase(option.getName());
                assertThat(keys).contains("pgpure." + otherwise.getOrDefault(name, name));
            }
        }
    }

    private static String kebabCase(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    @Test
    void everyKeyIsInKebabCase() {
        assertThat(PROPERTIES.keySet()).allMatch(name -> name.matches("[a-z0-9.-]+"));
    }

    @Test
    void defaultsAreThoseOfCore() {
        PgPoolOptions pool = PgPoolOptions.defaults();
        assertThat(PROPERTIES.get("pgpure.pool.name").path("defaultValue").asString())
                .isEqualTo(pool.name());
        assertDuration("pgpure.pool.acquire-timeout", pool.acquireTimeout());
        assertDuration("pgpure.pool.max-lifetime", pool.maxLifetime());
        assertDuration("pgpure.pool.idle-timeout", pool.idleTimeout());
        assertDuration("pgpure.pool.keepalive-interval", pool.keepaliveInterval());
        assertDuration("pgpure.pool.close-timeout", pool.closeTimeout());
        assertDuration("pgpure.pool.leak-detection-threshold", pool.leakDetectionThreshold());
        assertDuration("pgpure.pool.read-your-writes-timeout", pool.readYourWritesTimeout());
        PgConnectOptions connect = PgConnectOptions.builder().build();
        assertDuration("pgpure.connect-timeout", connect.connectTimeout());
        assertDuration("pgpure.query-timeout", connect.queryTimeout());
        assertThat(PROPERTIES
                        .get("pgpure.statement-cache-size")
                        .path("defaultValue")
                        .asInt())
                .isEqualTo(connect.statementCacheSize());
        assertThat(PROPERTIES
                        .get("pgpure.target-session-attrs")
                        .path("defaultValue")
                        .asString())
                .isEqualTo(connect.targetSessionAttrs().keyword());
        assertThat(PROPERTIES.get("pgpure.port").path("defaultValue").asInt()).isEqualTo(PgConnectOptions.DEFAULT_PORT);
    }

    @Test
    void hintsBelongToKeysAndNameEveryConstant() {
        assertThat(PROPERTIES.keySet()).containsAll(HINTS.keySet());
        assertThat(HINTS.get("pgpure.ssl.mode").path("values"))
                .extracting(value -> value.path("value").asString())
                .containsExactlyElementsOf(
                        Arrays.stream(SslMode.values()).map(SslMode::keyword).toList());
        assertThat(HINTS.get("pgpure.target-session-attrs").path("values"))
                .extracting(value -> value.path("value").asString())
                .containsExactlyElementsOf(Arrays.stream(TargetSessionAttrs.values())
                        .map(TargetSessionAttrs::keyword)
                        .toList());
    }

    private static void assertDuration(String name, java.time.Duration expected) {
        String value = PROPERTIES.get(name).path("defaultValue").asString();
        assertThat(DurationStyle.detectAndParse(value)).as(name).isEqualTo(expected);
    }
}
