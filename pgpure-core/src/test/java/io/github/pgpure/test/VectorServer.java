package io.github.pgpure.test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL that has the extension pgvector, which the embedded one has not: the tests' own server where that has it, else PGlite, a
 * PostgreSQL that Node.js runs. Use one connection at a time.
 *
 * @param program what was started for it
 */
public record VectorServer(String uri, @Nullable LocalProgram program) implements AutoCloseable {

    private static final String SCRIPT = "node_modules/@electric-sql/pglite-socket/dist/scripts/server.js";

    /** Where {@code npm install} has put PGlite: {@code PGPURE_PGLITE}, by default a directory in the user's cache. */
    private static final Path DIRECTORY = Path.of(Optional.ofNullable(System.getenv("PGPURE_PGLITE"))
            .orElse(System.getProperty("user.home") + "/.cache/pgpure/pglite"));

    /** Empty where this machine has neither. */
    public static Optional<VectorServer> find() {
        PostgresServer shared = PostgresServer.shared();
        if (!shared.query("select count(*) from pg_available_extensions where name = 'vector'")
                .equals("0")) {
            return Optional.of(new VectorServer(shared.uri(), null));
        }
        Path script = DIRECTORY.resolve(SCRIPT);
        return Files.exists(script) ? LocalProgram.find("node").map(node -> start(node, script)) : Optional.empty();
    }

    private static VectorServer start(Path node, Path script) {
        int port = LocalProgram.freePort();
        LocalProgram program = LocalProgram.start(
                LocalProgram.directory("pgv"),
                port,
                List.of(
                        node.toString(),
                        script.toString(),
                        "--db=memory://",
                        "--host=127.0.0.1",
                        "--port=" + port,
                        // A probe that has gone away is noticed late.
                        "--max-connections=4",
                        "--extensions=@electric-sql/pglite-pgvector:vector"));
        return new VectorServer("postgresql://postgres:any@127.0.0.1:" + port + "/postgres?sslmode=disable", program);
    }

    @Override
    public void close() {
        if (program != null) {
            program.close();
        }
    }
}
