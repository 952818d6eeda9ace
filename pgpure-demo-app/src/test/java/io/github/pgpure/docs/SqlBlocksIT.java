package io.github.pgpure.docs;

import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.PostgresServer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The SQL that the pages show, run: each page's blocks one after the other in an empty database. */
@Timeout(60)
class SqlBlocksIT {

    private static final String DATABASE = "sql_blocks_it";

    static Stream<Path> pages() {
        return Documentation.pages().stream().filter(page -> !sql(page).isEmpty());
    }

    private static List<Documentation.Block> sql(Path page) {
        return Documentation.blocks(page).stream()
                .filter(block -> block.language().equals("sql"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void theBlocksOfAPageRun(Path page) {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(DATABASE);
        try (PgConnection connection = PgConnection.open(server.uri(DATABASE))) {
            for (Documentation.Block block : sql(page)) {
                connection.execute(block.text());
            }
        } finally {
            server.dropDatabase(DATABASE);
        }
    }
}
