package io.github.pgpure.test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.io.FileUtils;

/**
 * A primary and a streaming standby, made with the PostgreSQL that is installed on this machine: the embedded one comes without
 * {@code pg_basebackup}. Log in as {@code postgres}, without a password.
 */
public final class ReplicatedServers implements AutoCloseable {

    public static final String USERNAME = "postgres";

    private static final Optional<Path> BINARIES = IntStream.iterate(
                    18, version -> version >= 14, version -> version - 1)
            .mapToObj(version -> Path.of("/usr/lib/postgresql/" + version + "/bin"))
            .filter(directory -> Files.isExecutable(directory.resolve("pg_basebackup")))
            .filter(directory -> Files.isExecutable(directory.resolve("postgres")))
            .findFirst();

    private final Path directory = LocalProgram.directory("pgr");
    private final int primaryPort = LocalProgram.freePort();
    private final int standbyPort = LocalProgram.freePort();

    public ReplicatedServers() {
        try {
            Path primary = directory.resolve("primary");
            run(
                    "initdb",
                    "-D",
                    primary.toString(),
                    "-U",
                    USERNAME,
                    "-A",
                    "trust",
                    "--no-sync",
                    "-E",
                    "UTF8",
                    "--locale=C");
            start(primary, primaryPort);
            run(
                    "pg_basebackup",
                    "-D",
                    standby().toString(),
                    "-h",
                    "127.0.0.1",
                    "-p",
                    Integer.toString(primaryPort),
                    "-U",
                    USERNAME,
                    "-R",
                    "-c",
                    "fast",
                    "--no-sync");
            start(standby(), standbyPort);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Whether this machine has what it takes. */
    public static boolean available() {
        return BINARIES.isPresent()
                && (!LocalProgram.isRoot() || LocalProgram.find("setpriv").isPresent());
    }

    public int primaryPort() {
        return primaryPort;
    }

    public int standbyPort() {
        return standbyPort;
    }

    /** From now on a commit is reported only when the standby has it too. */
    public void replicateSynchronously() {
        query(primaryPort, "alter system set synchronous_standby_names = '*'");
        query(primaryPort, "select pg_reload_conf()");
        Poll.until(
                "the standby to be synchronous",
                () -> query(primaryPort, "select count(*) from pg_stat_replication where sync_state = 'sync'")
                        .equals("1"));
    }

    /** Ends the primary at once, as if it had crashed. */
    public void crashPrimary() {
        run(
                "pg_ctl",
                "stop",
                "-m",
                "immediate",
                "-D",
                directory.resolve("primary").toString());
    }

    /** Makes the standby the primary; returns when it is. */
    public void promote() {
        run("pg_ctl", "promote", "-w", "-D", standby().toString());
    }

    /** The first column of the first row, asked by an administrator. */
    public static String query(int port, String sql) {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", USERNAME, "");
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "";
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The fixture's query failed: " + e.getMessage(), e);
        }
    }

    private Path standby() {
        return directory.resolve("standby");
    }

    private void start(Path data, int port) {
        run(
                "pg_ctl",
                "start",
                "-w",
                "-D",
                data.toString(),
                "-l",
                data + ".log",
                "-o",
                "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
                        + " -c wal_receiver_status_interval=1s");
    }

    private void run(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(BINARIES.orElseThrow().resolve(program).toString());
        command.addAll(List.of(arguments));
        LocalProgram.run(directory, LocalProgram.unprivileged("postgres", command));
    }

    @Override
    public void close() {
        for (String data : List.of("standby", "primary")) {
            if (Files.exists(directory.resolve(data).resolve("postmaster.pid"))) {
                try {
                    run(
                            "pg_ctl",
                            "stop",
                            "-m",
                            "immediate",
                            "-D",
                            directory.resolve(data).toString());
                } catch (IllegalStateException e) {
                    // it was down already
                }
            }
        }
        FileUtils.deleteQuietly(directory.toFile());
    }
}
