package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.LoadBalanceHosts;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.JavaProcess;
import io.github.pgpure.test.PostgresServer;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A host with two addresses, each with a server of its own behind it; in a JVM that has them from a hosts file. */
@Tag("fault")
@Timeout(120)
class PoolAddressesIT {

    private static final String NAME = "db.example";

    /** Others have only one address of the loopback interface. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void answerOfOneAddressIsNotTakenForOneOfTheOther(@TempDir Path directory) throws Exception {
        Path hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.1 " + NAME + "\n127.0.0.2 " + NAME + "\n");
        Path log = Path.of("target", "pool-addresses.txt");
        int exit = JavaProcess.run(
                log,
                100,
                List.of("-Djdk.net.hosts.file=" + hosts),
                Main.class.getName(),
                List.of(PostgresServer.shared().uri()));
        assertThat(exit).as(Files.readString(log)).isZero();
    }

    static final class Main {

        private Main() {}

        public static void main(String[] arguments) {
            PgConnectOptions server = PgConnectOptions.parse(arguments[0]);
            String host = server.hosts().get(0).name();
            int port = server.hosts().get(0).port();
            try (FaultProxy first = new FaultProxy("127.0.0.1", 0, host, port);
                    FaultProxy second = new FaultProxy("127.0.0.2", first.port(), host, port)) {
                var pool = new PoolCore(
                        server.toBuilder()
                                .host(NAME)
                                .port(first.port())
                                .loadBalanceHosts(LoadBalanceHosts.RANDOM)
                                .build(),
                        PgPoolOptions.builder()
                                .minIdle(8)
                                .maxConnections(8)
                                .keepaliveInterval(Duration.ofMillis(200))
                                .build(),
                        GuardedListener.NONE);
                try {
                    pool.start();
                    run(pool, first, second);
                } finally {
                    pool.close();
                }
            }
        }

        private static void run(PoolCore pool, FaultProxy first, FaultProxy second) {
            await().until(() -> {
                if (pool.queue.idle() == 8 && spread(pool) < 2) {
                    pool.softEvict(); // drawn anew
                }
                return pool.queue.idle() == 8 && spread(pool) == 2;
            });
            long closedBefore = pool.stats().closed();
            List<PoolEntry> all = pool.queue.members();
            SocketAddress dead = all.get(0).session.address();
            boolean firstIsDead = dead.toString().contains("127.0.0.1");
            List<PoolEntry> lost = all.stream()
                    .filter(entry -> entry.session.address().equals(dead))
                    .toList();
            List<PoolEntry> slow =
                    all.stream().filter(entry -> !lost.contains(entry)).toList();
            // One server takes 2.6 s to answer anything; the links to the other are gone, and it answers new
            // connections.
            (firstIsDead ? second : first).delay(1_300);
            (firstIsDead ? first : second).swallow();
            await().until(() -> lost.stream().allMatch(entry -> entry.session.isDead()));
            await().until(() -> slow.stream().allMatch(entry -> entry.unansweredPing() == null));
            assertThat(slow).noneMatch(entry -> entry.session.isDead());
            assertThat(pool.stats().closed() - closedBefore).isEqualTo(lost.size());
            System.out.println(lost.size() + " lost, " + slow.size() + " slow");
        }

        private static int spread(PoolCore pool) {
            return pool.queue.members().stream()
                    .map(entry -> entry.session.address())
                    .collect(Collectors.toSet())
                    .size();
        }
    }
}
