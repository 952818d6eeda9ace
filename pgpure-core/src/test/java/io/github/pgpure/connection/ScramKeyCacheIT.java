package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.authenticationOk;
import static io.github.pgpure.test.BackendMessages.authenticationSASLFinal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgpure.Credentials;
import io.github.pgpure.InvalidPasswordException;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.protocol.Authentication;
import io.github.pgpure.protocol.AuthenticationPolicy;
import io.github.pgpure.protocol.ScramKeys;
import io.github.pgpure.protocol.ScramKeys.Keys;
import io.github.pgpure.protocol.ScramKeys.Source;
import io.github.pgpure.protocol.ScramServer;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ScriptedServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is remembered of logins, and that it never stands in the way of a password that has changed. */
class ScramKeyCacheIT {

    @Test
    void laterLoginsUseTheKeysOfTheFirst() {
        PostgresServer server = PostgresServer.embedded();
        server.createRole("cached", "first");
        PgConnectOptions options = options(server, "first");
        var keys = ConnectCache.of(options).scramKeys();
        assertThat(keys.size()).isZero();
        for (int i = 0; i < 3; i++) {
            PgConnection.open(options).close();
        }
        assertThat(keys.size()).isEqualTo(1);

        server.createRole("cached", "second");
        assertThatThrownBy(() -> PgConnection.open(options)).isInstanceOf(InvalidPasswordException.class);
        assertThat(keys.size()).as("nobody proved to know those").isEqualTo(1);
        server.createRole("cached", "first");
        PgConnection.open(options).close();
        assertThat(keys.size()).as("the salt is another").isEqualTo(2);
    }

    @Test
    void optionsDoNotShareThem() {
        PostgresServer server = PostgresServer.embedded();
        server.createRole("cached", "first");
        PgConnectOptions options = options(server, "first");
        PgConnection.open(options).close();
        assertThat(ConnectCache.of(options(server, "first")).scramKeys().size()).isZero();
    }

    @Test
    void keysOfAServerThatProvedNothingAreNotKept() throws IOException {
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            byte[] proof = client.scram();
            proof[5] ^= 1;
            client.send(authenticationSASLFinal(proof), authenticationOk());
            client.awaitClose();
        })) {
            PgConnectOptions options = server.options().build();
            assertThatThrownBy(() -> PgConnection.open(options)).isInstanceOf(PgAuthenticationException.class);
            assertThat(ConnectCache.of(options).scramKeys().size()).isZero();
        }
    }

    /** With its keys known, a server that lies is still found out. */
    @Test
    void rememberedKeysStillDemandTheServersProof() {
        var cache = new ScramKeyCache();
        login(new ScramServer("pw", 4096), cache);
        assertThat(cache.size()).isEqualTo(1);
        var authentication = authentication(cache);
        var server = new ScramServer("pw", 4096);
        byte[] clientFinal = authentication.saslContinue(
                server.first(authentication.sasl(List.of("SCRAM-SHA-256")).data()));
        byte[] proof = server.last(clientFinal, new byte[0]);
        proof[7] ^= 1;
        assertThatThrownBy(() -> authentication.saslFinal(proof)).isInstanceOf(PgAuthenticationException.class);
        assertThatThrownBy(authentication::ok).isInstanceOf(PgAuthenticationException.class);
    }

    @Test
    void cacheIsBoundedAndUnprintable() {
        var cache = new ScramKeyCache();
        var keys = new Keys(new byte[32], new byte[32]);
        for (int i = 0; i < 1_000; i++) {
            cache.put(new Source("SeCr", "salt" + i, 4096), keys);
        }
        assertThat(cache.size()).isEqualTo(ScramKeyCache.MAX_ENTRIES);
        assertThat(cache.get(new Source("SeCr", "salt999", 4096))).isSameAs(keys);
        assertThat(cache.get(new Source("SeCr", "salt1", 4096))).isNull();
        assertThat(cache.get(new Source("other", "salt999", 4096))).isNull();
        assertThat(cache.get(new Source("SeCr", "salt999", 4097))).isNull();
        assertThat(new Source("SeCr", "SeCr", 1).toString() + keys + cache).doesNotContain("SeCr");
    }

    /** Prints what one login costs the client; {@code -Dpgpure.measure=true}. */
    @Test
    void costOfALogin() {
        assumeThat(Boolean.getBoolean("pgpure.measure")).isTrue();
        var threads = ManagementFactory.getThreadMXBean();
        for (int round = 0; round < 4; round++) {
            for (ScramKeys keys : List.of(ScramKeys.NONE, new ScramKeyCache())) {
                login(new ScramServer("pw", 4096), keys);
                int logins = 100;
                long nanos = 0;
                for (int i = 0; i < logins; i++) {
                    var server = new ScramServer("pw", 4096);
                    var authentication = authentication(keys);
                    long start = threads.getCurrentThreadCpuTime();
                    byte[] initial =
                            authentication.sasl(List.of("SCRAM-SHA-256")).data();
                    nanos += threads.getCurrentThreadCpuTime() - start;
                    byte[] first = server.first(initial);
                    start = threads.getCurrentThreadCpuTime();
                    byte[] clientFinal = authentication.saslContinue(first);
                    nanos += threads.getCurrentThreadCpuTime() - start;
                    byte[] last = server.last(clientFinal, new byte[0]);
                    start = threads.getCurrentThreadCpuTime();
                    authentication.saslFinal(last);
                    authentication.ok();
                    nanos += threads.getCurrentThreadCpuTime() - start;
                }
                System.out.printf(
                        "SCRAM login, 4096 iterations, keys %s: %d us of CPU%n",
                        keys == ScramKeys.NONE ? "derived" : "remembered", nanos / logins / 1_000);
            }
        }
    }

    private static void login(ScramServer server, ScramKeys keys) {
        var authentication = authentication(keys);
        byte[] clientFinal = authentication.saslContinue(
                server.first(authentication.sasl(List.of("SCRAM-SHA-256")).data()));
        authentication.saslFinal(server.last(clientFinal, new byte[0]));
        authentication.ok();
    }

    private static Authentication authentication(ScramKeys keys) {
        return new Authentication(Credentials.ofPassword("ada", "pw"), null, AuthenticationPolicy.LENIENT, keys);
    }

    private static PgConnectOptions options(PostgresServer server, String password) {
        return PgConnectOptions.parse(server.uri(server.database(), "cached", password));
    }
}
