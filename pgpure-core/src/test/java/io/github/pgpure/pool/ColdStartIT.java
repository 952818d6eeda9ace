package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.SslMode;
import io.github.pgpure.test.JavaProcess;
import io.github.pgpure.test.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a JVM that has just started loads up to the first row (docs/adr/0042-cold-start.md), by its own log. */
class ColdStartIT {

    private static final Pattern LOADED = Pattern.compile("\\[class,load] (\\S+) source:");
    private static final long LIMIT_SECONDS = 120;

    private static Set<String> loaded;

    @BeforeAll
    static void openInNewJvm() throws Exception {
        Path log = Path.of("target", "cold-start", "classes.txt");
        int exit = JavaProcess.run(
                log,
                LIMIT_SECONDS,
                List.of("-Xlog:class+load"),
                OneRow.class.getName(),
                List.of(PostgresServer.shared().uri()));
        String output = Files.readString(log);
        assertThat(exit).as(output).isZero();
        loaded = LOADED.matcher(output)
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(Collectors.toSet());
        assertThat(loaded).contains(PgPool.class.getName());
    }

    @Test
    void onlyTheCodecsThatAreUsed() {
        String converters = "io.github.pgpure.convert.";
        assertThat(loaded.stream().filter(name -> name.startsWith(converters) && name.endsWith("Codec")))
                .containsExactlyInAnyOrder(
                        converters + "Codec",
                        converters + "ValueCodec",
                        converters + "ScalarCodec",
                        converters + "CompositeCodec",
                        converters + "ConverterCodec",
                        converters + "TextCodec",
                        converters + "IntegerCodec");
    }

    @Test
    void onlyTheMessagesThatAreUsed() {
        assertThat(loaded)
                .contains("io.github.pgpure.protocol.AuthenticationMessage$AuthenticationOk")
                .doesNotContain("io.github.pgpure.protocol.AuthenticationMessage$AuthenticationKerberosV5");
    }

    @Test
    void noRecordIsComparedByMethodsThatHaveToBeLinked() {
        assertThat(loaded).doesNotContain("java.lang.runtime.ObjectMethods");
    }

    @Test
    void noTlsAndNoCryptography() {
        assertThat(loaded).doesNotContain("javax.net.ssl.SSLContext", "javax.crypto.Mac");
    }

    static final class OneRow {

        public static void main(String[] args) {
            PgPool pool = PgPool.open(
                    PgConnectOptions.parse(args[0]).toBuilder()
                            .sslMode(SslMode.DISABLE)
                            .build(),
                    PgPoolOptions.builder().maxConnections(1).build());
            int one = pool.fetchOne("select $1::int4", 1).getInt(0);
            System.exit(one == 1 ? 0 : 1); // what closing the pool needs is not counted
        }
    }
}
