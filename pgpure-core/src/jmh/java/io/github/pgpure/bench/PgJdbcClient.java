package io.github.pgpure.bench;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.UUID;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * pgjdbc with HikariCP. Variants: {@code multi-statement} (several statements in one string), {@code rewrite} (the driver makes
 * multi-row inserts).
 */
public class PgJdbcClient implements PeerClient {

    /** Without a fetch size the driver reads a whole result before it gives the first row. */
    private static final int FETCH_SIZE = 1000;

    private static final int COPY_BUFFER = 60_000;

    private DataSource pool;
    private boolean multiStatement;

    @Override
    public void open(int connections, String variant, ServerAddress server) {
        multiStatement = variant.equals("multi-statement");
        String url = "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + server.database() + "?sslmode="
                + server.sslMode() + (variant.equals("rewrite") ? "&reWriteBatchedInserts=true" : "");
        pool = pool(url, connections, variant, server);
    }

    DataSource pool(String url, int connections, String variant, ServerAddress server) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(server.username());
        config.setPassword(server.password());
        config.setMaximumPoolSize(connections);
        return new HikariDataSource(config);
    }

    @Override
    public int select(int id) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(SELECT + "?")) {
            return selectInt(statement, id);
        }
    }

    @Override
    public long selectMany(int[] ids) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return multiStatement ? selectTogether(connection, ids) : selectOneByOne(connection, ids);
        }
    }

    private static long selectOneByOne(Connection connection, int[] ids) throws SQLException {
        long sum = 0;
        try (PreparedStatement statement = connection.prepareStatement(SELECT + "?")) {
            for (int id : ids) {
                sum += selectInt(statement, id);
            }
        }
        return sum;
    }

    private static long selectTogether(Connection connection, int[] ids) throws SQLException {
        long sum = 0;
        try (PreparedStatement statement = connection.prepareStatement((SELECT + "?;").repeat(ids.length))) {
            for (int i = 0; i < ids.length; i++) {
                statement.setInt(i + 1, ids[i]);
            }
            for (boolean more = statement.execute(); more; more = statement.getMoreResults()) {
                ResultSet rows = statement.getResultSet();
                rows.next();
                sum += rows.getInt(1);
            }
        }
        return sum;
    }

    private static int selectInt(PreparedStatement statement, int id) throws SQLException {
        statement.setInt(1, id);
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Override
    public long fetchWide(String sql) throws SQLException {
        long sum = 0;
        long sink = 0;
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Long i = rows.getLong(1);
                String t = rows.getString(2);
                BigDecimal n = rows.getBigDecimal(3);
                OffsetDateTime ts = rows.getObject(4, OffsetDateTime.class);
                Boolean b = rows.getBoolean(5);
                Double f = rows.getDouble(6);
                UUID u = rows.getObject(7, UUID.class);
                String j = rows.getString(8);
                sum += i;
                sink += t.length()
                        + n.scale()
                        + ts.getNano()
                        + (b ? 1 : 0)
                        + f.intValue()
                        + u.version()
                        + (j == null ? 0 : j.length());
            }
        }
        Workload.consume(sink);
        return sum;
    }

    @Override
    public long stream(String sql) throws SQLException {
        long sum = 0;
        long sink = 0;
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setFetchSize(FETCH_SIZE);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        sum += rows.getInt(1);
                        sink += rows.getInt(2);
                    }
                }
            }
            connection.commit();
        }
        Workload.consume(sink);
        return sum;
    }

    @Override
    public void insertBatch(int rows) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(INSERT + "(?, ?, ?)")) {
                for (int i = 1; i <= rows; i++) {
                    Line line = Line.of(i);
                    statement.setInt(1, line.id());
                    statement.setInt(2, line.v());
                    statement.setString(3, line.t());
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            connection.commit();
        }
    }

    @Override
    public long copyIn(byte[] text) throws Exception {
        try (Connection connection = pool.getConnection()) {
            return connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(COPY, new ByteArrayInputStream(text));
        }
    }

    /** The driver has no API for values, so its user formats them. */
    @Override
    public long copyRows(int rows) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY);
            StringBuilder text = new StringBuilder();
            for (int i = 1; i <= rows; i++) {
                Line.of(i).appendTo(text);
                if (text.length() > COPY_BUFFER || i == rows) {
                    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
                    copy.writeToCopy(bytes, 0, bytes.length);
                    text.setLength(0);
                }
            }
            return copy.endCopy();
        }
    }

    @Override
    public void checkout() throws SQLException {
        pool.getConnection().close();
    }

    @Override
    public int transaction(int id, int value) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(PeerClient.update("?", "?"))) {
                statement.setInt(1, value);
                statement.setInt(2, id);
                statement.executeUpdate();
            }
            int selected;
            try (PreparedStatement statement = connection.prepareStatement(TRANSACTION_SELECT + "?")) {
                selected = selectInt(statement, id);
            }
            connection.commit();
            return selected;
        }
    }

    @Override
    public void execute(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws Exception {
        ((AutoCloseable) pool).close();
    }
}
